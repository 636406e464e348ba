// Test harness. An SMTP server of our own: keeps each mail that came, as it was sent and as whoever it is for reads it.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { TestStack } from './test-stack.js';

export interface ReceivedMail {
  readonly to: string;
  readonly subject: string;
  /** Its lines end as ours do. */
  readonly text: string;
  /** With its headers, as it came over the line. */
  readonly raw: string;
}

export class MailReceiver {
  readonly mails: ReceivedMail[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async open(): Promise<MailReceiver> {
    const late: { receiver?: MailReceiver } = {};
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, { envelope }, done) => {
        const pieces: Buffer[] = [];
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.on('end', () => {
          const to = envelope.rcptTo.map(({ address }) => address).join(', ');
          late.receiver?.mails.push(readMail(to, Buffer.concat(pieces).toString('utf8')));
          done();
        });
      },
    });
    const receiver = new MailReceiver(server);
    late.receiver = receiver;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** What a worker is told, so that its mail comes here. */
  get env(): Readonly<Record<string, string>> {
    const { port } = this.server.server.address() as AddressInfo;
    return { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'news@fairmeter.example', MAIL_IS_HEARD: 'true' };
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}

/** Has the worker send whatever is due, one after the other: here nobody goes round by themselves. */
export async function sendMails({ running }: Pick<TestStack, 'running'>): Promise<void> {
  const [worker] = running;
  if (worker === undefined) throw new Error('no worker is there to send mails');
  while ((await worker.parts.noticeMails.sendOne()) > 0);
}

/** Of a message as it came, on one line; empty where there is none. */
export function headerOfMessage(message: string, name: string): string {
  const [head = ''] = message.split(/\r?\n\r?\n/);
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const line = lines.find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line.slice(name.length + 1).trim();
}

function readMail(to: string, raw: string): ReceivedMail {
  const end = raw.indexOf('\r\n\r\n');
  const body = decoded(raw.slice(end + 4), headerOfMessage(raw, 'Content-Transfer-Encoding').toLowerCase());
  return { to, subject: headerOfMessage(raw, 'Subject'), text: body.replaceAll('\r\n', '\n'), raw };
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
