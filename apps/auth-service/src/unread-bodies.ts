import type { FastifyInstance } from 'fastify';

/** Hands every request on with its body unread, whatever its media type: the authorization server reads its own. */
export function leaveBodiesUnread(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
}
