import { collectAccessDeclarations } from '@sallyport/nest-zero-trust';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;
/** What the standards and the pages of the authorization server submit. */
const TAKES_A_FORM = /^POST \/oauth2\//;

let gateway: TestGateway;
let credential: readonly [string, string];
let writing: readonly (readonly [method: string, path: string])[];
beforeAll(async () => {
  gateway = await startTestGateway();
  const scope = 'orders:write keys:manage accounts:manage clients:manage';
  credential = ['authorization', `Bearer ${gateway.mint.accessToken({ payload: { scope } })}`];
  writing = collectAccessDeclarations(gateway.app)
    .map(({ target }) => target)
    .filter((target) => !target.startsWith('GET ') && !TAKES_A_FORM.test(target))
    .map((target) => target.split(' ') as [string, string]);
});
afterAll(() => gateway.close());

it('a form is refused wherever it is not asked for', async () => {
  expect(writing.length).toBeGreaterThan(10);
  for (const [method, path] of writing) {
    gateway.reset();
    const body = 'token=a&email=a&password=b';
    const answer = await gateway.send({ method, path, headers: [credential, FORM], body });
    expectRefusal(gateway, answer, { status: 415, code: 'media_type_unsupported' });
  }
});

it('an empty form is refused there, too', async () => {
  for (const [method, path] of writing) {
    gateway.reset();
    const answer = await gateway.send({ method, path, headers: [credential, FORM], body: '' });
    expect([path, ...statusAndCode(answer)]).toEqual([path, 415, 'media_type_unsupported']);
    expect(gateway.upstreamCalls()).toEqual([]);
  }
});
