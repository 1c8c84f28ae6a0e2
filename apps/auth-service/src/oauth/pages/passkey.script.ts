import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** As the library ships it for pages that load no modules; it names itself `SimpleWebAuthnBrowser`. */
const LIBRARY = readFileSync(
  join(dirname(require.resolve('@simplewebauthn/browser')), '../dist/bundle/index.umd.min.js'),
  'utf8',
);

/**
 * Shows the form of a page that asks for a passkey, has the authenticator answer, and submits it. On the sign-in page
 * browsers also offer passkeys among the addresses to fill in (WebAuthn Level 3 section 5.1.7). Without it, or where a browser
 * knows no passkeys, the form stays hidden and the page works without.
 */
const OWN = `'use strict';
(() => {
  const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } = SimpleWebAuthnBrowser;
  const form = document.querySelector('form[data-passkey]');
  if (form === null || !browserSupportsWebAuthn()) return;
  const { passkey: use, options } = form.dataset;
  const optionsJSON = JSON.parse(options);
  const words = document.getElementById('passkey-words');

  const submit = (credential) => {
    form.elements.namedItem('credential').value = JSON.stringify(credential);
    form.submit();
  };
  const offer = async () => {
    if (use !== 'sign-in' || !(await browserSupportsWebAuthnAutofill())) return;
    await startAuthentication({ optionsJSON, useBrowserAutofill: true }).then(submit, () => undefined);
  };
  const ask = async () => {
    words.textContent = '';
    try {
      submit(await (use === 'create' ? startRegistration({ optionsJSON }) : startAuthentication({ optionsJSON })));
    } catch (error) {
      const exists = use === 'create' && error.name === 'InvalidStateError';
      words.textContent = exists ? form.dataset.exists : form.dataset.failed;
      await offer();
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ask();
  });
  form.hidden = false;
  for (const each of document.querySelectorAll('[data-without-passkey]')) each.hidden = true;
  void offer();
})();
`;

/** Everything that pages with a passkey run. */
export const PASSKEY_SCRIPT = `${LIBRARY}\n${OWN}`;
