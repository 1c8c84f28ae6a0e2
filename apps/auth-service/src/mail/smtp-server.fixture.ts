import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket, type SecureContextOptions } from 'node:tls';

export interface SmtpServerOptions {
  readonly identity: SecureContextOptions;
  /** TLS from the start; otherwise STARTTLS is offered. */
  readonly isImplicit?: boolean;
  /** A server, or somebody on the line, that takes the offer away. */
  readonly hidesStartTls?: boolean;
  /** What is answered to a command instead of consent, by its first word. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Takes connections and says nothing. */
  readonly isSilent?: boolean;
}

/** As much of an SMTP server (RFC 5321, RFC 3207) as a client needs to hand over mail; keeps what it was told, and whether in clear. */
export class SmtpServer {
  readonly commands: { readonly line: string; readonly isEncrypted: boolean }[] = [];
  readonly messages: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(private readonly options: SmtpServerOptions) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      if (options.isImplicit === true) this.#secure(socket, true);
      else this.#serve(socket, true);
    });
  }

  static async start(options: SmtpServerOptions): Promise<SmtpServer> {
    const server = new SmtpServer(options);
    await once(server.#server.listen(0, 'localhost'), 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #secure(socket: Socket, greets: boolean): void {
    const secured = new TLSSocket(socket, { isServer: true, ...this.options.identity });
    secured.on('error', () => undefined);
    this.#serve(secured, greets);
  }

  #serve(socket: Socket, greets: boolean): void {
    if (this.options.isSilent === true) return;
    const isEncrypted = socket instanceof TLSSocket;
    let received = '';
    let message: string[] | undefined;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    if (greets) say('220 test ESMTP');
    const onData = (chunk: Buffer): void => {
      received += chunk.toString();
      const lines = received.split('\r\n');
      received = lines.pop() ?? '';
      for (const line of lines) {
        if (message !== undefined && line !== '.') {
          message.push(line);
        } else if (message !== undefined) {
          this.messages.push(message.join('\n'));
          message = undefined;
          say('250 taken');
        } else {
          this.commands.push({ line, isEncrypted });
          const word = (line.split(' ')[0] ?? '').toUpperCase();
          say(this.options.answers?.[word] ?? this.#answerTo(word, isEncrypted));
          if (word === 'DATA' && this.options.answers?.['DATA'] === undefined) message = [];
          if (word === 'STARTTLS' && this.options.hidesStartTls !== true) {
            socket.off('data', onData);
            this.#secure(socket, false);
          }
        }
      }
    };
    socket.on('data', onData);
  }

  #answerTo(word: string, isEncrypted: boolean): string {
    switch (word) {
      case 'EHLO': {
        const offersTls = !isEncrypted && this.options.hidesStartTls !== true;
        return `250-test\r\n${offersTls ? '250-STARTTLS\r\n' : ''}250 AUTH PLAIN`;
      }
      case 'STARTTLS':
        return this.options.hidesStartTls === true ? '502 no such command' : '220 go ahead';
      case 'AUTH':
        return '235 welcome';
      case 'DATA':
        return '354 go on';
      case 'QUIT':
        return '221 bye';
      default:
        return '250 fine';
    }
  }
}
