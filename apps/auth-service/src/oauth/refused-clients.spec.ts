import { EventEmitter } from 'node:events';
import type { Logger } from '@sallyport/observability';
import { RecordedSecurityEvents } from '@sallyport/testing';
import type { Provider } from 'oidc-provider';
import { CLIENT_ADDRESS } from '../auth.fixture';
import { recordRefusedClients } from './refused-clients';

const REFUSED = { error: 'invalid_client', error_detail: 'invalid secret provided' };
const contextOf = (clientId?: string) => ({
  req: { headers: { 'x-client-address': CLIENT_ADDRESS } },
  oidc: { client: clientId === undefined ? undefined : { clientId } },
});

let provider: EventEmitter;
let events: RecordedSecurityEvents;
let lines: unknown[];
beforeEach(() => {
  [provider, events, lines] = [new EventEmitter(), new RecordedSecurityEvents(), []];
  const logger = { info: (line: unknown) => lines.push(line) } as unknown as Logger;
  recordRefusedClients(provider as unknown as Provider, events, logger);
});

it.each(['grant.error', 'pushed_authorization_request.error', 'introspection.error'])(
  'records at %s who failed to authenticate',
  (event) => {
    provider.emit(event, contextOf('shop'), REFUSED);
    expect(events.all).toEqual([
      {
        ...{ type: 'client', outcome: 'refused', reason: 'client_authentication_failed' },
        ...{ target: 'shop', clientAddress: CLIENT_ADDRESS },
      },
    ]);
    expect(lines).toEqual([
      { event: 'client_authentication_failed', client: 'shop', detail: REFUSED.error_detail },
    ]);
  },
);

it('quotes nothing of an assertion that could not be read', () => {
  const cause = new SyntaxError('Unexpected token s, "secret" is not valid JSON');
  provider.emit('grant.error', contextOf('shop'), {
    ...REFUSED,
    error_detail: cause.message,
    cause,
  });
  expect(lines).toEqual([
    { event: 'client_authentication_failed', client: 'shop', detail: 'SyntaxError' },
  ]);
});

it('names no client that is not known', () => {
  provider.emit('grant.error', contextOf(), REFUSED);
  expect(events.all).toMatchObject([{ target: undefined }]);
});

it('records no other refusal', () => {
  provider.emit('grant.error', contextOf('shop'), { error: 'invalid_grant' });
  expect([...events.all, ...lines]).toEqual([]);
});
