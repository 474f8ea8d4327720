// The conversation by the generated client, as a web page has it: `edge` and `phone`, and `ask` for the code.
import {Client, Refused, ids, type Transport} from './pingan.ts';

export async function conversation(transport: Transport, phone: string, ask: () => Promise<string>): Promise<string[]> {
  const town = '330481003';
  const said: string[] = [];
  let token: string | undefined;
  const api = new Client(transport, () => token);

  const summary = await api.call('SummarizeEvents', {town});
  said.push(summary.text);

  await api.call('SendCode', {body: {phone}});
  const session = await api.call('SignIn', {body: {phone, code: await ask(), town: `towns/${town}`}});
  token = session.accessToken;
  const unit = `towns/${town}/units/330481003005`;
  const me = await api.call('Register', {town, body: {person: {kind: 'RESIDENT', displayName: '王小明', unit}}});
  token = me.accessToken;  // it names the person

  const {events: [event]} = await api.call('ListEvents', {town, state: 'PUBLISHED', pageSize: 1});
  const roster = ids<'town' | 'event'>(event.name).event;
  const signUp = await api.call('CreateSignUp', {town, roster});
  said.push(`signed up: ${signUp.state}`);

  try {
    await api.call('PublishEvent', ids<'town' | 'event'>(event.name));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    said.push(`refused: ${error.reason} ${error.zh}`);
  }
  return said;
}
