// Writes docs/errors.md from the gateway's catalogue of problems, which has to be built: npm run docs:errors
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { errorsDocument } = require('../apps/gateway/dist/problems/errors-document.js');
writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsDocument());
