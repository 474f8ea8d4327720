// The conversation in a WeChat mini-program without any build step: copy this file, `require('./wechat.js')`, and add the
// edge to the request domains of the mini-program. For types, use the generated client and its wxTransport instead.
const TOWN = 'towns/330481003';
let token = '';

// Answers or rejects with {statusCode, reason, zh, fields}; `reason` is for programs, `zh` for wx.showToast.
function call(edge, method, path, data) {
  return new Promise((resolve, reject) => {
    wx.request({
      url: edge + path,
      method,  // GET or POST; every PATCH has a twin `POST ...:update`
      data,
      timeout: 15000,
      header: token ? {'content-type': 'application/json', authorization: `Bearer ${token}`} : {'content-type': 'application/json'},
      success: ({statusCode, data: answer}) => (statusCode === 200 ? resolve(answer) : reject(refusal(statusCode, answer))),
      fail: ({errMsg}) => reject({statusCode: 0, reason: '', zh: '网络不通，请稍后再试', fields: {}, errMsg}),
    });
  });
}

function refusal(statusCode, answer) {
  const detail = (name) => (answer.details || []).find((one) => one['@type'].endsWith(`.${name}`)) || {};
  const fields = {};
  for (const one of detail('BadRequest').fieldViolations || []) fields[one.field] = one.description;
  return {statusCode, reason: detail('ErrorInfo').reason || '', zh: detail('LocalizedMessage').message || '', fields};
}

// Mini-programs have no crypto.randomUUID. Keep the id when the same change is tried again.
function newId() {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}

async function conversation(edge, phone, ask) {
  const said = [];
  said.push((await call(edge, 'GET', `/v1/${TOWN}/events:summarize`)).text);

  await call(edge, 'POST', '/v1/auth:sendCode', {phone});
  token = (await call(edge, 'POST', '/v1/auth:signIn', {phone, code: await ask(), town: TOWN})).accessToken;
  const person = {kind: 'RESIDENT', displayName: '王小明', unit: `${TOWN}/units/330481003005`};
  token = (await call(edge, 'POST', `/v1/${TOWN}/people:register`, {person, requestId: newId()})).accessToken;

  // wx.request writes `data` of a GET into the query.
  const page = await call(edge, 'GET', `/v1/${TOWN}/events`, {state: 'PUBLISHED', pageSize: 1});
  const event = page.events[0].name;
  const signUp = await call(edge, 'POST', `/v1/${event.replace('/events/', '/rosters/')}/signUps`, {requestId: newId()});
  said.push(`signed up: ${signUp.state}`);

  try {
    await call(edge, 'POST', `/v1/${event}:publish`, {requestId: newId()});
  } catch (refused) {
    said.push(`refused: ${refused.reason} ${refused.zh}`);
  }
  return said;
}

module.exports = {conversation};
