import { html } from './html';
import { page } from './layout';

/** Shows recovery codes to their owner, once. */
export function recoveryCodesPage(codes: readonly string[]): string {
  return page(
    'Keep your recovery codes',
    html`<p class="notice" role="status">Your passkey was added.</p>
      <p>
        If you lose it, each of these codes signs you in once, after your password. Write them down
        or print them: they are not shown again.
      </p>
      <ul class="codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ul>
      <p><a href="/oauth2/account">I have kept them: go to your account</a></p>`,
  );
}
