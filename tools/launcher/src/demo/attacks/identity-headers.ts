import type { Chapter, Step } from '../step';
import { refusedRequest } from './refused-request';

/** The spellings under which some proxy or framework would read a forged identity. */
const FORGERIES: readonly (readonly [name: string, value: string])[] = [
  ['X-User-Id', 'alice'],
  ['x_user_id', 'alice'],
  ['X.User.Id', 'alice'],
  ['x-user-id-bin', 'YWxpY2U='],
  ['X-User-Scopes', 'keys:manage audit:read'],
  ['Txn-Token', 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln'],
  ['Connection', 'close, x-user-id'],
];

/** R6: who somebody is never comes from outside. */
export const IDENTITY_HEADER_ATTACKS: Chapter = {
  title: 'Identity headers from outside, with a valid token',
  steps: FORGERIES.map(([name, value]) => forged(name, value)),
};

function forged(name: string, value: string): Step {
  return refusedRequest({
    title: name === 'Connection' ? 'Connection that names x-user-id' : `forged ${name}`,
    sent: `GET /orders with "${name}: ${value}"`,
    attempt: ({ facts }) => ({
      method: 'GET',
      path: '/orders',
      accessToken: facts.recall('accessToken'),
      headers: [[name, value]],
    }),
    answer: '400 identity_header_spoofed',
    reason: 'identity_header_spoofed',
  });
}
