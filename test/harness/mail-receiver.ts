// Test harness. Where mail goes out to: keeps what came, as it came.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export class MailReceiver {
  /** Whole messages, with their headers. */
  readonly mails: string[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async open(): Promise<MailReceiver> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        let message = '';
        stream.on('data', (piece: Buffer) => (message += piece.toString('utf8')));
        stream.on('end', () => {
          receiver.mails.push(message);
          done();
        });
      },
    });
    const receiver = new MailReceiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** For a worker that sends here. */
  get env(): Readonly<Record<string, string>> {
    const { port } = this.server.server.address() as AddressInfo;
    return { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'news@fairmeter.example' };
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}

/** Of a message as it came, on one line; empty where there is none. */
export function headerOfMessage(message: string, name: string): string {
  const [head = ''] = message.split(/\r?\n\r?\n/);
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const line = lines.find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line.slice(name.length + 1).trim();
}
