import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsDocument } from './errors-document';

it('docs/errors.md is what the catalogue says; `npm run docs:errors` writes it anew', () => {
  const written = readFileSync(join(__dirname, '../../../../docs/errors.md'), 'utf8');
  expect(written).toBe(errorsDocument());
});
