import { DatabaseUnavailable } from '@sallyport/persistence';
import fastify from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthorizationServer } from './authorization-server';

describe('a request that comes while the signing key cannot be looked up', () => {
  it('is answered at once, by whoever answers for everything that fails', async () => {
    const server = new AuthorizationServer({
      issuer: 'https://localhost:8443',
      activeKey: () => Promise.reject(new DatabaseUnavailable()),
      dpopNonceSecret: () => Promise.resolve(Buffer.alloc(32)),
      configurationFor: () => ({}),
      prepare: () => undefined,
    });
    const instance = fastify();
    instance.get('/oauth2/authorize', (request: FastifyRequest, reply: FastifyReply) =>
      server.handle(request.raw, reply),
    );
    const answer = await instance.inject('/oauth2/authorize');
    expect([answer.statusCode, answer.json()]).toMatchObject([
      500,
      { code: 'database_unavailable' },
    ]);
  });
});
