import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_KEY_IN_TEXT, mintApiKey, mintSecret, parseApiKey, secretRevocationId } from './index';

const README = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

it('does what the README says', () => {
  const minted = mintApiKey();
  const rotated = mintSecret(minted.id);

  expect(parseApiKey(minted.presentedKey)).toEqual({
    id: minted.id,
    secretHash: minted.secretHash,
  });
  expect(parseApiKey(minted.presentedKey.toLowerCase())).toBeUndefined();
  expect(rotated.id).toBe(minted.id);
  expect(rotated.secretHash).not.toEqual(minted.secretHash);
  expect(secretRevocationId(minted)).toMatch(new RegExp(`^${minted.id}\\.[0-9a-f]{16}$`));
});

it('tells scanners the expression that is exported', () => {
  expect(README).toContain(`\n${API_KEY_IN_TEXT.source}\n`);
});

it('shows no key that would be one', () => {
  const [shown = '', ...more] = README.match(API_KEY_IN_TEXT) ?? [];
  expect([parseApiKey(shown), more]).toEqual([undefined, []]);
  expect(shown).toHaveLength(69);
});
