import { createTransport } from 'nodemailer';
import type { Transporter } from 'nodemailer';
import { MailNotSent } from './mail-sender';
import type { MailSender, OutgoingMail } from './mail-sender';

export interface SmtpMailSenderOptions {
  /** `smtps:` for TLS from the start, `smtp:` for STARTTLS, which is then demanded; user and password in it. */
  readonly url: string;
  /** Address in `From` and in the envelope. */
  readonly from: string;
  /** PEM of the authorities that the server's certificate is checked against; the machine's own when left out. */
  readonly ca?: string;
}

const TIMEOUTS_MS = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 10_000,
} as const;

/** What the server refuses for good is the receiver or the message; anything else is between it and us. */
const FINAL_CODES: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'smtps:': 465, 'smtp:': 587 };

/** SMTP (RFC 5321) through nodemailer: TLS 1.2 or later with a verified certificate, or nothing is sent (RFC 8314). */
export class SmtpMailSender implements MailSender {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor({ url, from, ca }: SmtpMailSenderOptions) {
    const { protocol, hostname, port, username, password } = new URL(url);
    this.#from = from;
    this.#transport = createTransport({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || DEFAULT_PORTS[protocol],
      secure: protocol === 'smtps:',
      requireTLS: true,
      ...(username !== '' && {
        auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      }),
      tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
      ...TIMEOUTS_MS,
      // A mail is made of what is given here, never of a file or an address that it names.
      disableFileAccess: true,
      disableUrlAccess: true,
      logger: false,
    });
  }

  async send({ id, to, subject, text, html }: OutgoingMail): Promise<void> {
    const domain = this.#from.slice(this.#from.lastIndexOf('@') + 1);
    try {
      await this.#transport.sendMail({
        from: { name: 'Sallyport', address: this.#from },
        // An object: nothing in an address is taken for another address.
        to: { name: '', address: to },
        envelope: { from: this.#from, to: [to] },
        messageId: `<${id}@${domain}>`,
        subject,
        text,
        html,
        // RFC 3834: nobody is to answer it by machine.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      throw notSent(error);
    }
  }
}

/** What the library says may quote the server, and the server what it was sent: only the codes are passed on. */
function notSent(error: unknown): MailNotSent {
  const { code, responseCode } = error as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
  };
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const isFinal = FINAL_CODES.has(code) && status !== undefined && status >= 500;
  const words = [
    typeof code === 'string' ? code : 'unknown',
    ...(status === undefined ? [] : [status]),
  ];
  return new MailNotSent(words.join(' '), isFinal);
}
