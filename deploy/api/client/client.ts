// A client of the HTTP API for web pages, mini-programs and Node: any operation by its name, with its types.
//
//   const api = new Client(fetchTransport('https://pingan.example'), () => session.accessToken);
//   const page = await api.call('ListEvents', {town: '330481003', state: 'PUBLISHED'});
//   await api.call('CreateSignUp', {...ids<'town' | 'roster'>(roster.name), body: {}});
//
// A change gets a requestId of its own unless the caller gives one, and keeps it when it is tried again.
import {collections, operations, type Operations, type Status} from './api.ts';

export interface HttpRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** Milliseconds. */
  timeout: number;
}
export interface HttpAnswer {
  status: number;
  body: string;
  /** The header of this name, or "". */
  retryAfter: string;
}
/** Makes one call; rejects when no answer came. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** The call was refused, or no answer came (`status` 0). Decide by `reason`, show `zh`. */
export class Refused extends Error {
  readonly status: number;
  readonly reason: string;
  readonly zh: string;
  /** What is wrong with which field. */
  readonly fields: Record<string, string> = {};
  readonly metadata: Record<string, string> = {};

  constructor(status: number, body: string) {
    const said = parsed(body);
    super(said?.message ?? 'no answer');
    this.status = status;
    this.reason = '';
    this.zh = '网络不通，请稍后再试';
    for (const detail of said?.details ?? []) {
      if (detail['@type'].endsWith('.ErrorInfo') && 'reason' in detail) {
        this.reason = detail.reason;
        this.metadata = detail.metadata ?? {};
      } else if ('fieldViolations' in detail) {
        for (const one of detail.fieldViolations) this.fields[one.field] = one.description;
      } else if ('locale' in detail) {
        this.zh = detail.message;
      }
    }
  }
}

function parsed(body: string): Status | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const AGAIN = [0, 429, 503, 504];
const TRIES = 4;

type Fields = Record<string, unknown>;

export class Client {
  private readonly transport: Transport;
  private readonly token: () => string | undefined;
  private readonly wait: (milliseconds: number) => Promise<unknown>;

  constructor(transport: Transport, token: () => string | undefined = () => undefined, wait = sleep) {
    this.transport = transport;
    this.token = token;
    this.wait = wait;
  }

  /** Answers, or rejects with Refused. A file comes as text. */
  async call<Name extends keyof Operations>(
      name: Name, request: Operations[Name]['request']): Promise<Operations[Name]['answer']> {
    const http = this.asHttp(name, {...request} as Fields);
    for (let tried = 1; ; ++tried) {
      const answer = await this.transport(http).catch(() => ({status: 0, body: '', retryAfter: ''}));
      if (answer.status === 200) return name.startsWith('Export') ? answer.body : JSON.parse(answer.body);
      const safe = http.method === 'GET' || operations[name].requestId !== '';
      if (!safe || tried === TRIES || !AGAIN.includes(answer.status)) throw new Refused(answer.status, answer.body);
      const seconds = Number(answer.retryAfter) || 0.2 * 2 ** (tried - 1);
      await this.wait(1000 * seconds * (0.5 + Math.random()));
    }
  }

  private asHttp(name: keyof Operations, fields: Fields): HttpRequest {
    const operation = operations[name];
    let body = fields.body as Fields | undefined;
    if (operation.requestId === 'query') fields.requestId ??= newId();
    if (operation.requestId === 'body') body = {requestId: newId(), ...body};
    const path = operation.path.replace(/\{(\w+)\}/g, (_, variable) => encodeURIComponent(String(fields[variable])));
    const query = operation.query.filter((key) => fields[key] !== undefined && fields[key] !== '')
        .map((key) => `${key}=${encodeURIComponent(String(fields[key]))}`).join('&');
    const headers: Record<string, string> = {accept: 'application/json'};
    const token = this.token();
    if (token) headers.authorization = `Bearer ${token}`;
    if (operation.verb !== 'GET') headers['content-type'] = 'application/json';
    return {
      method: operation.verb,
      path: query ? `${path}?${query}` : path,
      headers,
      body: operation.verb === 'GET' ? undefined : JSON.stringify(body ?? {}),
      timeout: operation.deadline + 5000,
    };
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** `towns/330481003/events/0192...` as {town, event}: the parts of a path. */
export function ids<Variable extends string>(name: string): Record<Variable, string> {
  const segments = name.split('/');
  const found: Record<string, string> = {};
  for (let i = 0; i + 1 < segments.length; i += 2) found[collections[segments[i]]] = segments[i + 1];
  return found as Record<Variable, string>;
}

/** A UUID; mini-programs have no crypto.randomUUID. Good for telling requests apart, not as a secret. */
export function newId(): string {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
}

/** For web pages and Node. */
export function fetchTransport(edge: string): Transport {
  return async ({method, path, headers, body, timeout}) => {
    const answer = await fetch(edge + path, {method, headers, body, signal: AbortSignal.timeout(timeout)});
    return {status: answer.status, body: await answer.text(), retryAfter: answer.headers.get('retry-after') ?? ''};
  };
}

/** What of WeChat's `wx` is used: https://developers.weixin.qq.com/miniprogram/dev/api/network/request/wx.request.html */
export interface Wx {
  request(options: {
    url: string; method: string; header: Record<string, string>; data?: string; dataType: string; timeout: number;
    success: (answer: {statusCode: number; data: unknown; header: Record<string, string>}) => void;
    fail: (error: {errMsg: string}) => void;
  }): unknown;
}

/** For WeChat mini-programs: `wxTransport(wx, edge)`. It cannot send PATCH: use the operations ...ByPost. */
export function wxTransport(wx: Wx, edge: string): Transport {
  return ({method, path, headers, body, timeout}) => new Promise((resolve, reject) => {
    wx.request({
      url: edge + path, method, header: headers, data: body, timeout,
      dataType: 'text',  // anything but "json" leaves the answer as it is
      success: ({statusCode, data, header}) => resolve(
          {status: statusCode, body: String(data), retryAfter: header['retry-after'] ?? header['Retry-After'] ?? ''}),
      fail: ({errMsg}) => reject(new Error(errMsg)),
    });
  });
}
