// Shows /openapi.yaml. Calls made from the page go to the edge it came from; a token stays in this tab.
SwaggerUIBundle({
  url: '/openapi.yaml',
  dom_id: '#page',
  deepLinking: true,
  filter: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  showExtensions: false,
  validatorUrl: null,
});
