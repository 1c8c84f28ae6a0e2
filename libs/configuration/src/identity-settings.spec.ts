import { z } from 'zod';
import { identityOriginOf, identitySettings } from './identity-settings';
import type { Environment } from './own-variable';
import { readConfiguration } from './read-configuration';

const SOCKET = 'unix:///run/spire/agent.sock';
const read = (environment: Environment) =>
  identityOriginOf(readConfiguration(z.object(identitySettings), environment));

describe('an identity is not taken from', () => {
  it.each<[string, string, Environment]>([
    ['nowhere', 'SVID_DIR', {}],
    ['two places', 'SVID_DIR', { SVID_DIR: __dirname, SPIFFE_ENDPOINT_SOCKET: SOCKET }],
    ['a path', 'SPIFFE_ENDPOINT_SOCKET', { SPIFFE_ENDPOINT_SOCKET: '/run/spire/agent.sock' }],
    ['a relative path', 'SPIFFE_ENDPOINT_SOCKET', { SPIFFE_ENDPOINT_SOCKET: 'unix://agent.sock' }],
    ['TCP', 'SPIFFE_ENDPOINT_SOCKET', { SPIFFE_ENDPOINT_SOCKET: 'tcp://127.0.0.1:8081' }],
    ['a query', 'SPIFFE_ENDPOINT_SOCKET', { SPIFFE_ENDPOINT_SOCKET: `${SOCKET}?a=b` }],
    ['the root', 'SPIFFE_ENDPOINT_SOCKET', { SPIFFE_ENDPOINT_SOCKET: 'unix:///' }],
    ['a missing directory', 'SVID_DIR', { SVID_DIR: '/none/here' }],
  ])('%s, which is said of %s', (_name, variable, environment) => {
    expect(() => read(environment)).toThrow(expect.objectContaining({ variable }) as Error);
  });
});

it('is taken from a directory or from a socket', () => {
  expect(read({ SVID_DIR: __dirname })).toEqual({ directory: __dirname });
  expect(read({ SPIFFE_ENDPOINT_SOCKET: SOCKET })).toEqual({ endpoint: SOCKET });
});
