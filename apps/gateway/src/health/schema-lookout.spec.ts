import { DatabaseUnavailable, SchemaBehind } from '@sallyport/persistence';
import { SchemaLookout } from './schema-lookout';

const behind = () => Promise.reject(new SchemaBehind('0002-own-events'));

it('is down while the database says that it is behind, and up from then on', async () => {
  let answer: () => Promise<void> = behind;
  let asked = 0;
  const lookout = new SchemaLookout(() => {
    asked += 1;
    return answer();
  });
  await expect(lookout.check()).rejects.toThrow(SchemaBehind);
  answer = () => Promise.reject(new DatabaseUnavailable());
  await expect(lookout.check()).rejects.toThrow(SchemaBehind);
  answer = () => Promise.resolve();
  await lookout.check();
  await lookout.check();
  expect(asked).toBe(3);
});

it.each([
  ['is away', () => Promise.reject(new DatabaseUnavailable())],
  ['gives no answer', () => new Promise<void>(() => undefined)],
])('is up while the database %s', async (_name, answer) => {
  await new SchemaLookout(answer).check();
});
