import { setTimeout as delay } from 'node:timers/promises';
import type { PublicResponse } from '../../public/public-client';
import { answers, describeAnswer, parseAnswer } from '../answers';
import { refusedRequest } from '../attacks/refused-request';
import type { Stage } from '../stage';
import type { Chapter, Step } from '../step';

/** The stated bound, within which every gateway has heard of a revocation. */
const BOUND_MS = 2_000;

const OVERLAP_SECONDS = 3_600;

type KeyName = 'apiKey' | 'nextApiKey';

const ordersWith = ({ client, facts }: Stage, name: KeyName): Promise<PublicResponse> =>
  client.send({ method: 'GET', path: '/orders', headers: [['X-API-Key', facts.recall(name)]] });

const make: Step = {
  title: 'the customer makes a key that may read orders',
  run: async ({ client, facts }) => {
    const response = await client.send({
      method: 'POST',
      path: '/api-keys',
      accessToken: facts.recall('accessToken'),
      body: { name: 'nightly export', scopes: ['orders:read'] },
    });
    const { id, key, scopes } = parseAnswer(answers.apiKey, response);
    facts.keep('apiKeyId', id);
    facts.keep('apiKey', key);
    return {
      sent: 'POST /api-keys with the token',
      expected: '201 for orders:read, shown this once',
      got: `${response.status} for ${scopes.join(' ')}, shown this once`,
    };
  },
};

const use: Step = {
  title: 'a program reads the same orders with it',
  run: async (stage) => {
    const response = await ordersWith(stage, 'apiKey');
    const { items } = parseAnswer(answers.orders, response);
    const isOwn = items.some(({ id }) => id === stage.facts.recall('orderId'));
    return {
      sent: 'GET /orders with X-API-Key',
      expected: "200, the customer's order among them",
      got: `${response.status}, the customer's order ${isOwn ? 'among' : 'not among'} them`,
    };
  },
};

const beyondItsScope = refusedRequest({
  title: 'it does not place an order',
  sent: 'POST /orders with the key for orders:read',
  attempt: ({ facts }) => ({
    method: 'POST',
    path: '/orders',
    headers: [['X-API-Key', facts.recall('apiKey')]],
    body: {},
  }),
  answer: '403 insufficient_scope',
  reason: 'insufficient_scope',
});

const inItsOwnRight = refusedRequest({
  title: 'nor make another key',
  sent: 'POST /api-keys with the key',
  attempt: ({ facts }) => ({
    method: 'POST',
    path: '/api-keys',
    headers: [['X-API-Key', facts.recall('apiKey')]],
    body: { name: 'second', scopes: ['orders:read'] },
  }),
  answer: '403 session_required',
  reason: 'session_required',
});

const rotate: Step = {
  title: 'the key is rotated, with an hour to change over',
  run: async (stage) => {
    const { client, facts } = stage;
    const response = await client.send({
      method: 'POST',
      path: `/api-keys/${facts.recall('apiKeyId')}/rotate`,
      accessToken: facts.recall('accessToken'),
      body: { overlapSeconds: OVERLAP_SECONDS },
    });
    facts.keep('nextApiKey', parseAnswer(answers.apiKey, response).key);
    const old = await ordersWith(stage, 'apiKey');
    const next = await ordersWith(stage, 'nextApiKey');
    return {
      sent: 'POST /api-keys/{id}/rotate, then GET /orders with the old key and the new one',
      expected: '200, old 200, new 200',
      got: `${response.status}, old ${describeAnswer(old)}, new ${describeAnswer(next)}`,
    };
  },
};

/** Asks until the answer is as wanted, for as long as a revocation may take to be known. */
async function within<Answer>(
  boundMs: number,
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || performance.now() > deadline) return answer;
    await delay(10);
  }
}

const look: Step = {
  title: 'its owner sees that both are in use',
  run: async ({ client, facts }) => {
    const accessToken = facts.recall('accessToken');
    const ask = async () => {
      const response = await client.send({ method: 'GET', path: '/api-keys', accessToken });
      const [key] = parseAnswer(answers.apiKeys, response).items;
      const isUsed = [key?.current, key?.previous].map((secret) => !!secret?.lastUsedAt);
      return { status: response.status, isUsed };
    };
    // A use is noted behind the answer's back.
    const { status, isUsed } = await within(BOUND_MS, ask, (seen) => !seen.isUsed.includes(false));
    const [current, previous] = isUsed.map((used) => (used ? 'used' : 'unused'));
    return {
      sent: 'GET /api-keys',
      expected: '200, new used, old used',
      got: `${status}, new ${current}, old ${previous}`,
    };
  },
};

const revoke: Step = {
  title: 'revoked, neither works any more',
  run: async (stage) => {
    const { client, facts } = stage;
    const response = await client.send({
      method: 'DELETE',
      path: `/api-keys/${facts.recall('apiKeyId')}`,
      accessToken: facts.recall('accessToken'),
    });
    const ask = async () => {
      const names = ['apiKey', 'nextApiKey'] as const;
      return (await Promise.all(names.map((name) => ordersWith(stage, name)))).map(describeAnswer);
    };
    const got = await within(BOUND_MS, ask, (seen) => !seen.includes('200'));
    return {
      sent: 'DELETE /api-keys/{id}, then GET /orders with both',
      expected: '204, within 2 s 401 invalid_api_key, 401 invalid_api_key',
      got: `${response.status}, within 2 s ${got.join(', ')}`,
    };
  },
};

/** A program that acts for a customer: what it may, how its key is exchanged, and how it ends. */
export const API_KEYS: Chapter = {
  title: 'A program gets a key of its own',
  steps: [make, use, beyondItsScope, inItsOwnRight, rotate, look, revoke],
};
