import { collectAccessDeclarations } from '@sallyport/nest-zero-trust';
import fc from 'fast-check';
import { startTestGateway, type TestGateway } from '../gateway.fixture';
import { inspectRequest } from './inspect-request';
import { requestHead } from './request-head.fixture';

/** How a proxy, a framework or a server behind may read a path before it looks for a route. */
const READINGS: Readonly<Record<string, (path: string) => string>> = {
  literal: (path) => path,
  decoded: (path) => decoded(path),
  'decoded twice': (path) => decoded(decoded(path)),
  'dot segments removed': (path) => new URL(`https://a${path}`).pathname,
  'decoded, then dot segments removed': (path) => withoutDots(decoded(path)),
  'slashes collapsed': (path) => path.replace(/\/{2,}/g, '/'),
  'parameters stripped': (path) => path.replace(/;[^/]*/g, ''),
  'backslashes turned': (path) => path.replaceAll('\\', '/'),
  'cut at a NUL': (path) => decoded(path).split('\0', 1)[0] ?? '',
  'slash at the end dropped': (path) => path.replace(/(.)\/+$/, '$1'),
  'Unicode composed': (path) => decoded(path).normalize('NFKC'),
};

let gateway: TestGateway;
let routes: readonly string[];
beforeAll(async () => {
  gateway = await startTestGateway();
  routes = [
    ...new Set(
      collectAccessDeclarations(gateway.app).map(({ target }) => target.split(' ')[1] ?? ''),
    ),
  ];
});
afterAll(() => gateway.close());

const word = fc.constantFrom(
  'orders',
  'products',
  'invoices',
  'auth',
  'login',
  'sessions',
  'admin',
  'keys',
  'docs',
  'openapi.json',
  '.well-known',
  'jwks.json',
  'oauth2',
  'revoke',
  'cancel',
  '1',
  'a',
  'ORDERS',
  'Orders',
);
const trick = fc.constantFrom(
  '.',
  '..',
  '...',
  '%2e',
  '%2E%2e',
  '%252e',
  '%2f',
  '%5c',
  '\\',
  ';',
  ';a=b',
  '..;',
  '%00',
  '%20',
  '%0a',
  '\uff0f',
  '%ef%bc%8f',
  '%c0%ae',
  '~',
  ':',
  '@',
  '*',
  '+',
  ',',
  '//',
  '',
  '#',
  '%',
  '%zz',
);
const segment = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 2, arbitrary: trick },
  { weight: 2, arbitrary: fc.tuple(word, trick).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.tuple(trick, word).map((parts) => parts.join('')) },
  {
    weight: 1,
    arbitrary: word.map((text) => `%${text.charCodeAt(0).toString(16)}${text.slice(1)}`),
  },
);
const trickyPath = fc
  .array(segment, { minLength: 1, maxLength: 6 })
  .chain((segments) => fc.constantFrom('', '/').map((end) => `/${segments.join('/')}${end}`));

/** The route of a path, found without the router; static segments go before parameters, as in every router. */
function routeOf(path: string): string | undefined {
  const segments = path.split('/');
  const fitting = routes.filter((route) => {
    const parts = route.split('/');
    return (
      parts.length === segments.length &&
      parts.every((part, index) =>
        part.startsWith(':') ? segments[index] !== '' : part === segments[index],
      )
    );
  });
  return fitting.sort((a, b) => parameters(a) - parameters(b))[0];
}

const parameters = (route: string): number => route.split(':').length;

it('an accepted path has one route, however it is read', () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        trickyPath,
        word.map((text) => `/${text}`),
      ),
      (path) => {
        if (inspectRequest(requestHead(path)) !== undefined) return;
        accepted += 1;
        const route = routeOf(path);
        for (const [reading, read] of Object.entries(READINGS)) {
          expect([path, reading, routeOf(read(path))]).toEqual([path, reading, route]);
        }
      },
    ),
    { numRuns: 5_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

it('the router takes that route, and no other in another letter case', async () => {
  const { app } = gateway;
  const instance = app.getHttpAdapter().getInstance();
  const isRoute = (path: string): boolean =>
    instance.hasRoute({ method: 'GET', url: routeOf(path) ?? '/none' });
  await fc.assert(
    fc.asyncProperty(trickyPath, async (path) => {
      fc.pre(inspectRequest(requestHead(path)) === undefined);
      const { body, status } = await gateway.send({ path });
      const isKnown = isRoute(path);
      const { code } = body.startsWith('{') ? (JSON.parse(body) as { code?: string }) : {};
      const isUnroutable = code === 'not_found' || code === 'method_not_allowed';
      const isFile = routeOf(path) === '/docs/:file';
      if (!isFile) expect([path, status, isUnroutable]).toEqual([path, status, !isKnown]);
    }),
    { numRuns: 120 },
  );
});

function decoded(path: string): string {
  return path.replace(/(?:%[0-9A-Fa-f]{2})+/g, (octets) =>
    Buffer.from(octets.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  for (const each of path.split('/').slice(1)) {
    if (each === '..') kept.pop();
    else if (each !== '.') kept.push(each);
  }
  return `/${kept.join('/')}`;
}
