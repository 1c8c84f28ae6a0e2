import { randomUUID } from 'node:crypto';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

const LOGIN = ['POST /auth/login', 'sallyport.auth.v1.AuthService/Login'];

describe('account enumeration', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  const unknownEmail = `nobody-${randomUUID()}@example.com`;
  let customer: Customer;
  /** The answer to a wrong password for an account that exists. */
  let wrongPassword: PublicResponse;

  const logIn = (email: string, password: string): Promise<PublicResponse> =>
    client.send({ method: 'POST', path: '/auth/login', json: { email, password } });

  /** What somebody who guesses can tell two answers apart by. */
  const visible = ({ status, headers, body, correlationId }: PublicResponse) => ({
    status,
    // What is left of the address's quota is one less with each attempt, whatever comes of it.
    headers: { ...headers, date: undefined, 'x-correlation-id': undefined, ratelimit: undefined },
    body: body.replace(correlationId, ''),
  });

  beforeAll(async () => {
    customer = await signUp(client);
    wrongPassword = await logIn(customer.email, 'a wrong password');
  });

  it.each<readonly [attempt: string, email: () => string, password: () => string]>([
    ['an unknown account', () => unknownEmail, () => 'a wrong password'],
    ['an unknown account and a password in use', () => unknownEmail, () => customer.password],
    [
      'a known account in other letters',
      () => customer.email.toUpperCase(),
      () => 'a wrong password',
    ],
    ['a known account and a blank guess', () => customer.email, () => ' '],
    ['a seeded account', () => 'alice@example.com', () => 'a wrong password'],
  ])('learns nothing from %s', async (_, email, password) => {
    const answer = await logIn(email(), password());

    expect(visible(answer)).toEqual(visible(wrongPassword));
    await expectRefused(answer, {
      evidence,
      status: 401,
      code: 'invalid_credentials',
      handled: LOGIN,
    });
  });

  it('leaves a trace that does not name the account either', async () => {
    const { correlationId } = await logIn(unknownEmail, 'a wrong password');

    const traces = await evidence.of({ correlationId });
    expect(traces.securityEvents).toHaveLength(1);
    expect(JSON.stringify(traces)).not.toContain(unknownEmail);
  });

  it('lets the owner of the account in', async () => {
    const answer = await logIn(customer.email, customer.password);

    await expectPassed(answer, { evidence, handled: LOGIN });
  });
});
