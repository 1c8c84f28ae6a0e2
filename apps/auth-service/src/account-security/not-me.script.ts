/**
 * Moves the code of a link from the fragment, which browsers send to nobody, into its field, and takes it out of the address
 * bar and the history; the button is left to be pressed. Without it the code is pasted.
 */
export const NOT_ME_SCRIPT = `'use strict';
const code = new URLSearchParams(location.hash.slice(1)).get('token');
if (code !== null) {
  history.replaceState(null, '', location.pathname);
  document.getElementById('token').value = code;
  document.querySelector('button').focus();
}
`;
