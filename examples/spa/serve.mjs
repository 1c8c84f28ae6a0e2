import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { tls } from '../tls.mjs';

const ISSUER = process.env.SALLYPORT_ISSUER ?? 'https://localhost:8443';
const PORT = Number(process.env.PORT ?? 8447);

const file = (url, type) => ({ content: readFileSync(fileURLToPath(url)), type });
/** With the authorization server that this deployment belongs to. */
const page = ({ content, type }) => ({
  content: content.toString().replace('https://localhost:8443', ISSUER),
  type,
});
const FILES = {
  '/': page(file(new URL('index.html', import.meta.url), 'text/html; charset=utf-8')),
  '/app.mjs': file(new URL('app.mjs', import.meta.url), 'text/javascript'),
  '/oauth4webapi.mjs': file(import.meta.resolve('oauth4webapi'), 'text/javascript'),
};
const POLICY =
  `default-src 'none'; script-src 'self'; connect-src ${ISSUER}; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const server = createServer(tls, (request, response) => {
  const found = FILES[new URL(request.url, 'https://localhost').pathname];
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': found.type,
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(found.content);
});
server.listen(PORT, '127.0.0.1', () => console.log(`https://localhost:${server.address().port}/`));
