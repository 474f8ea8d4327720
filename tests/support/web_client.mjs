// The API as a web page calls it: connect-web's gRPC-Web transport over fetch, messages from the descriptors.
//
//   node web_client.mjs <api.binpb> <edge> <npm folder>
//
// Reads lines of JSON {service, method, request, token} and answers each with a line: {answer} or {code, reason, zh}.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';

const [descriptors, edge, npm] = process.argv.slice(2);
const require = createRequire(`${npm}/`);
const {createClient, ConnectError, Code} = require('@connectrpc/connect');
const {createGrpcWebTransport} = require('@connectrpc/connect-web');
const {createFileRegistry, fromBinary, fromJson, toJson} = require('@bufbuild/protobuf');
const {FileDescriptorSetSchema} = require('@bufbuild/protobuf/wkt');

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const transport = createGrpcWebTransport({baseUrl: edge});

// Error details arrive as packed messages; their text form needs the registry.
function refusal(error) {
  const refused = ConnectError.from(error);
  const detail = (name) => {
    const found = refused.details.find((d) => d.type === name);
    return found ? toJson(registry.getMessage(name), fromBinary(registry.getMessage(name), found.value)) : {};
  };
  return {
    code: Code[refused.code],
    reason: detail('google.rpc.ErrorInfo').reason ?? '',
    zh: detail('google.rpc.LocalizedMessage').message ?? '',
  };
}

async function call({service, method, request, token}) {
  const descriptor = registry.getService(service);
  const {localName, input, output} = descriptor.methods.find((m) => m.name === method);
  const headers = token ? {authorization: `Bearer ${token}`} : {};
  try {
    const message = fromJson(input, request ?? {}, {registry});
    const answer = await createClient(descriptor, transport)[localName](message, {headers});
    return {answer: toJson(output, answer, {registry})};
  } catch (error) {
    return refusal(error);
  }
}

for await (const line of createInterface({input: process.stdin})) {
  console.log(JSON.stringify(await call(JSON.parse(line))));
}
