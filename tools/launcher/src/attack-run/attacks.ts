import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { answers, describeAnswer, parseAnswer } from '../demo/answers';
import type { Stage } from '../demo/stage';
import type { Chapter, Step } from '../demo/step';

/** A session that nothing else uses. */
interface Session {
  readonly email: string;
  readonly accessToken: string;
  /** `name=value` of the refresh cookie. */
  readonly cookie: string;
}

async function newSession({ client }: Stage): Promise<Session> {
  const email = `target-${randomBytes(4).toString('hex')}@example.com`;
  const body = { email, password: randomBytes(18).toString('base64url') };
  const answer = await client.send({ method: 'POST', path: '/auth/register', body });
  const { access_token: accessToken } = parseAnswer(answers.token, answer);
  const cookie = answer.cookies.find((each) => each.includes('refresh=')) ?? '';
  return { email, accessToken, cookie };
}

/** A POST without a body says so: otherwise Node sends an empty one in chunks. */
const bodiless = (cookie: string) =>
  [
    ['Cookie', cookie],
    ['Content-Length', '0'],
  ] as const;

const replayedRefreshToken: Step = {
  title: 'a stolen refresh token is used after its owner has',
  run: async (stage) => {
    const { cookie } = await newSession(stage);
    const refresh = () =>
      stage.client.send({ method: 'POST', path: '/auth/refresh', headers: bodiless(cookie) });
    const [first, second] = [await refresh(), await refresh()];
    return {
      sent: 'POST /auth/refresh twice with the same cookie',
      expected: '200, then 401 invalid_grant',
      got: `${first.status}, then ${describeAnswer(second)}`,
    };
  },
};

const revokedToken: Step = {
  title: 'an access token is used after its session was ended',
  run: async (stage) => {
    const { accessToken, cookie } = await newSession(stage);
    const read = () => stage.client.send({ method: 'GET', path: '/orders', accessToken });
    const before = await read();
    await stage.client.send({
      method: 'POST',
      path: '/auth/logout',
      headers: bodiless(cookie),
    });
    let after = await read();
    for (let looks = 0; looks < 50 && after.status === 200; looks += 1) {
      await pause(100);
      after = await read();
    }
    for (let more = 0; more < 5; more += 1) await read();
    return {
      sent: 'GET /orders before and after POST /auth/logout',
      expected: '200, then 401 invalid_token',
      got: `${before.status}, then ${describeAnswer(after)}`,
    };
  },
};

const GUESSES = 15;

const guessedPasswords: Step = {
  title: `${GUESSES} passwords are tried on one account`,
  run: async (stage) => {
    const { email } = await newSession(stage);
    const statuses = new Set<number>();
    for (let guess = 0; guess < GUESSES; guess += 1) {
      const body = { email, password: `a wrong password ${guess}` };
      const { status } = await stage.client.send({ method: 'POST', path: '/auth/login', body });
      statuses.add(status);
    }
    const isRefused = [...statuses].every((status) => status === 401 || status === 429);
    return {
      sent: `POST /auth/login, ${GUESSES} times`,
      expected: '401 or 429 each time',
      got: isRefused ? '401 or 429 each time' : [...statuses].join(', '),
    };
  },
};

const twoCredentials: Step = {
  title: 'two credentials at once',
  run: async ({ client, facts }) => {
    const answer = await client.send({
      method: 'GET',
      path: '/orders',
      accessToken: facts.recall('accessToken'),
      headers: [['X-API-Key', 'whatever it is']],
    });
    return {
      sent: 'GET /orders with a token and an API key',
      expected: '400 multiple_credentials',
      got: describeAnswer(answer),
    };
  },
};

const MOST_REQUESTS = 400;

const flood: Step = {
  title: 'one address asks more often than its quota allows',
  run: async ({ client }) => {
    let limited = 0;
    for (let sent = 0; sent < MOST_REQUESTS && limited < 60; sent += 1) {
      const { status } = await client.send({ method: 'GET', path: '/products' });
      if (status === 429) limited += 1;
    }
    return {
      sent: `GET /products, up to ${MOST_REQUESTS} times without a pause`,
      expected: '429 in the end',
      got: limited > 0 ? '429 in the end' : 'never 429',
    };
  },
};

/** What the demo leaves out because it takes many requests, or none at all to be told apart. */
export const LOUD_ATTACKS: Chapter = {
  title: 'Stolen, revoked, guessed, flooded',
  steps: [replayedRefreshToken, revokedToken, guessedPasswords, twoCredentials, flood],
};
