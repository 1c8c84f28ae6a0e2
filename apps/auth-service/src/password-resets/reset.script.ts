/**
 * Moves the code of a link from the fragment, which browsers send to nobody, into its field, and takes it out of the address
 * bar and the history. The one script of these pages; without it the code is pasted.
 */
export const RESET_SCRIPT = `'use strict';
const code = new URLSearchParams(location.hash.slice(1)).get('token');
if (code !== null) {
  history.replaceState(null, '', location.pathname);
  document.getElementById('token').value = code;
  document.getElementById('password').focus();
}
`;
