/**
 * Moves the code of a link from the fragment, which browsers send to nobody, into its field, and takes it out of the address
 * bar and the history (R7). The one script of the pages that links of mails lead to; without it the code is pasted.
 *
 * @param next selector of what its visitor comes to then; nothing is submitted
 */
export function linkScript(next: string): string {
  return `'use strict';
const code = new URLSearchParams(location.hash.slice(1)).get('token');
if (code !== null) {
  history.replaceState(null, '', location.pathname);
  document.getElementById('token').value = code;
  document.querySelector('${next}').focus();
}
`;
}
