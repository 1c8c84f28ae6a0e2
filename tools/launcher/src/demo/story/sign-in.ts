import { randomBytes } from 'node:crypto';
import { answers, parseAnswer } from '../answers';
import type { Step } from '../step';

/** Anybody reads the catalogue. */
export const browse: Step = {
  title: 'the catalogue is public',
  run: async ({ client, facts }) => {
    const response = await client.send({ method: 'GET', path: '/products' });
    const { items } = parseAnswer(answers.catalogue, response);
    facts.keep('sku', items[0]?.sku ?? '');
    return {
      sent: 'GET /products',
      expected: `200, ${items.length} products`,
      got: `${response.status}, ${items.length} products`,
    };
  },
};

/** A newcomer gets an account and a session. */
export const register: Step = {
  title: 'a newcomer registers',
  run: async ({ client, facts }) => {
    const email = `newcomer-${randomBytes(4).toString('hex')}@example.com`;
    const password = randomBytes(18).toString('base64url');
    facts.keep('email', email);
    facts.keep('password', password);
    const response = await client.send({
      method: 'POST',
      path: '/auth/register',
      body: { email, password },
    });
    const { token_type: type } = parseAnswer(answers.token, response);
    return {
      sent: `POST /auth/register as ${email}`,
      expected: '201, a Bearer token',
      got: `${response.status}, a ${type} token`,
    };
  },
};

/** The same person signs in; the attacks later borrow this valid token. */
export const signIn: Step = {
  title: 'and signs in',
  run: async ({ client, facts }) => {
    const response = await client.send({
      method: 'POST',
      path: '/auth/login',
      body: { email: facts.recall('email'), password: facts.recall('password') },
    });
    const { access_token: accessToken } = parseAnswer(answers.token, response);
    facts.keep('accessToken', accessToken);
    const me = await client.send({ method: 'GET', path: '/auth/me', accessToken });
    const account = parseAnswer(answers.account, me);
    facts.keep('subject', account.id);
    return {
      sent: 'POST /auth/login, then GET /auth/me with the token',
      expected: `200, 200 ${facts.recall('email')}`,
      got: `${response.status}, ${me.status} ${account.email}`,
    };
  },
};
