// Providers room. Mail goes out through SMTP, one plain text at a time. Its message id is the caller's: a second try is
// the same message, which a mail system shows once.
import type { Transporter } from 'nodemailer';
import { createTransport } from 'nodemailer';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Without brackets: `ntc_…@mail.example`. */
  readonly messageId: string;
  /** Likewise: to what it belongs, which need be no mail. Programs show what belongs to one as one talk. */
  readonly threadId?: string;
}

/** `refused`: for good, as an address that there is not. Anything else that fails throws, and may be tried again. */
export type MailOutcome = 'sent' | 'refused';

export interface MailPort {
  send(mail: Mail): Promise<MailOutcome>;
  close(): void;
}

export interface SmtpSettings {
  /** `smtp://user:password@host:port`, or `smtps://`. */
  readonly url: string;
  readonly from: string;
  readonly withinMs: number;
}

export class SmtpMail implements MailPort {
  private readonly transport: Transporter;

  constructor(private readonly settings: SmtpSettings) {
    const { url, withinMs } = settings;
    this.transport = createTransport({
      url,
      connectionTimeout: withinMs,
      greetingTimeout: withinMs,
      socketTimeout: withinMs,
      // What is sent is text of ours: nothing in it may name a file or an address to be fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, subject, text, messageId, threadId }: Mail): Promise<MailOutcome> {
    try {
      await this.transport.sendMail({
        from: this.settings.from,
        // As an object an address is one address, whatever it says.
        to: { name: '', address: to },
        subject,
        text,
        messageId: `<${messageId}>`,
        ...(threadId === undefined ? {} : { inReplyTo: `<${threadId}>`, references: `<${threadId}>` }),
        // No program is to answer it.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      });
      return 'sent';
    } catch (error) {
      if (isForGood(error)) return 'refused';
      throw error;
    }
  }

  close(): void {
    this.transport.close();
  }
}

const PERMANENT = 500;

/** The server's own no about this address or this message; a refused login is somebody's setting, and is mended. */
function isForGood(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= PERMANENT;
}
