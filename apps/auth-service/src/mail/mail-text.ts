import { html } from '../oauth/pages/html';
import type { Html } from '../oauth/pages/html';
import type { OutgoingMail } from './mail-sender';
import { wordsOf } from './mail-words';
import type { MailContent, WrittenMail } from './mail-words';

/** Writes a mail: text, and the same as HTML without images, scripts or anything that tells that it was read. */
export function writeMail(content: MailContent): OutgoingMail {
  const { subject, paragraphs } = wordsOf(content);
  return {
    id: content.id,
    to: content.to,
    subject,
    text: `${paragraphs.map(asText).join('\n\n')}\n`,
    html: html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>${subject}</title>
        </head>
        <body>
          ${paragraphs.map(asHtml)}
        </body>
      </html>`.text,
  };
}

function asText(paragraph: WrittenMail['paragraphs'][number]): string {
  if (typeof paragraph === 'string') return paragraph;
  return paragraph.filter((line) => line !== '').join('\n');
}

function asHtml(paragraph: WrittenMail['paragraphs'][number]): Html {
  if (typeof paragraph === 'string') return html`<p>${paragraph}</p>`;
  const [says, shows] = paragraph;
  const shown = shows.startsWith('https://')
    ? html`<a href="${shows}">${shows}</a>`
    : html`<code>${shows}</code>`;
  return html`<p>${says === '' ? undefined : html`${says}<br />`}${shown}</p>`;
}
