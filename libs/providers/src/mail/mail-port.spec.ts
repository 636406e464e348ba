// Goal: a mail arrives as it was written, under the id it was given, and a server's no is told apart from its absence.
// Method: a real SMTP server of our own.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { SmtpMail } from './mail-port.js';

describe('mail over SMTP', () => {
  const arrived: { to: string[]; message: string }[] = [];
  let server: SMTPServer;
  let mail: SmtpMail;
  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) => {
        done(address.startsWith('nobody') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null);
      },
      onData: (stream, { envelope }, done) => {
        let message = '';
        stream.on('data', (piece: Buffer) => (message += piece.toString('utf8')));
        stream.on('end', () => {
          arrived.push({ to: envelope.rcptTo.map(({ address }) => address), message });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    mail = new SmtpMail({
      url: `smtp://127.0.0.1:${port}`,
      from: 'Fairmeter <news@fairmeter.example>',
      withinMs: 2_000,
    });
  });
  afterAll(async () => {
    mail.close();
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  });

  const to = (address: string) => ({
    to: address,
    subject: 'Grüße',
    text: 'Eine Zeile.\n',
    messageId: 'ntc_1@mail.example',
  });

  it('arrives once at one address, under its id', async () => {
    expect(await mail.send(to('ann@example.test'))).toBe('sent');
    expect(arrived).toHaveLength(1);
    expect(arrived[0]?.to).toEqual(['ann@example.test']);
    expect(arrived[0]?.message).toMatch(/^Message-ID: <ntc_1@mail\.example>/im);
    expect(arrived[0]?.message).toContain('Auto-Submitted: auto-generated');
    expect(arrived[0]?.message).toContain('Eine Zeile.');
    expect(arrived[0]?.message).not.toMatch(/^(?:References|In-Reply-To):/im);
  });

  it('belongs to a talk where it is told of one', async () => {
    expect(await mail.send({ ...to('ann@example.test'), threadId: 'rvw_1@mail.example' })).toBe('sent');
    expect(arrived.at(-1)?.message).toMatch(/^In-Reply-To: <rvw_1@mail\.example>/im);
    expect(arrived.at(-1)?.message).toMatch(/^References: <rvw_1@mail\.example>/im);
    expect(arrived.at(-1)?.message).toMatch(/^X-Auto-Response-Suppress: All/im);
  });

  it('is refused for good by a server that knows no such address, and fails where no server is', async () => {
    expect(await mail.send(to('nobody@example.test'))).toBe('refused');
    const nowhere = new SmtpMail({ url: 'smtp://127.0.0.1:1', from: 'a@example.test', withinMs: 500 });
    await expect(nowhere.send(to('ann@example.test'))).rejects.toThrow();
    nowhere.close();
  });
});
