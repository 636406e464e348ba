// Providers room. One webhook on its way: signed after the Standard Webhooks, sent once, no redirect followed, and only
// to an address that the guard admits when it is connected to.
import type { LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request as encryptedRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { AddressGuard } from './address-guard.js';
import { NameBook } from './name-book.js';

export interface OutgoingWebhook {
  readonly url: string;
  /** The same at every try: what the receiver knows a repetition by. */
  readonly eventId: string;
  readonly body: string;
  /** `whsec_…`; while an old secret lives beside the new one the receiver may check by either. */
  readonly secrets: readonly string[];
  readonly sentAtMs: number;
}

/** `problem` says what the receiver did not do; it quotes nothing of what was answered. */
export type WebhookOutcome =
  | { readonly delivered: true; readonly status: number }
  | { readonly delivered: false; readonly status: number | null; readonly problem: WebhookProblem };

/** `no_public_address`: one word for what is refused and for what has no name, or names inside could be guessed. */
export type WebhookProblem =
  'no_public_address' | 'timed_out' | 'unreachable' | 'certificate' | 'redirected' | 'answered_otherwise';

export interface WebhookPort {
  send(webhook: OutgoingWebhook): Promise<WebhookOutcome>;
}

export interface WebhookSettings {
  /** Networks that are allowed though they are not public, and may be spoken to in plain text. */
  readonly allowedNetworks: readonly string[];
  readonly withinMs: number;
}

/** Of an answer only its status counts; what is longer is hung up on. */
const ANSWER_MAX_BYTES = 65_536;

export class HttpWebhooks implements WebhookPort {
  private readonly guard: AddressGuard;
  private readonly names: NameBook;

  constructor(private readonly settings: WebhookSettings) {
    this.guard = new AddressGuard(settings.allowedNetworks);
    this.names = new NameBook({
      withinMs: settings.withinMs,
      knowsLocalNames: settings.allowedNetworks.length > 0,
    });
  }

  async send(webhook: OutgoingWebhook): Promise<WebhookOutcome> {
    try {
      const status = await this.post(webhook);
      if (status >= 200 && status < 300) return { delivered: true, status };
      return { delivered: false, status, problem: isRedirect(status) ? 'redirected' : 'answered_otherwise' };
    } catch (error) {
      return { delivered: false, status: null, problem: problemOf(error) };
    }
  }

  private async post(webhook: OutgoingWebhook): Promise<number> {
    const url = new URL(webhook.url);
    const isEncrypted = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // An address needs no look-up, so it is asked about here.
    if (isIP(host) !== 0 && !this.guard.admits(host, isEncrypted)) throw new NoPublicAddress();
    const options = {
      method: 'POST',
      headers: headersOf(webhook),
      // A connection of its own: one that was kept open would have been asked about another time.
      agent: false,
      lookup: this.guardedLookup(isEncrypted),
    } as const;
    return new Promise((resolve, reject) => {
      const send = isEncrypted ? encryptedRequest : plainRequest;
      const request = send(url, options, (response) => {
        drain(response);
        resolve(response.statusCode ?? 0);
      });
      // Settled by this clock alone, whatever the connection does or does not say.
      const timer = setTimeout(() => {
        reject(new TimedOut());
        request.destroy();
      }, this.settings.withinMs);
      // Whoever would speak something else than HTTP is told of no event as `response`.
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      request.on('close', () => {
        clearTimeout(timer);
        reject(new HungUp());
      });
      request.end(webhook.body);
    });
  }

  /** What is connected to is what was asked about: no second look-up lies between. */
  private guardedLookup(isEncrypted: boolean): LookupFunction {
    return (hostname, options, callback) => {
      const answer = (addresses: readonly LookupAddress[]): void => {
        const admitted = addresses.filter(({ address }) => this.guard.admits(address, isEncrypted));
        const [first] = admitted;
        if (first === undefined) callback(new NoPublicAddress(), []);
        else if (options.all === true) callback(null, admitted);
        else callback(null, first.address, first.family);
      };
      void this.names.addressesOf(hostname).then(answer);
    };
  }
}

class NoPublicAddress extends Error {
  readonly code = 'NO_PUBLIC_ADDRESS';
}

class TimedOut extends Error {
  readonly code = 'ETIMEDOUT';
}

class HungUp extends Error {
  readonly code = 'ECONNRESET';
}

function headersOf({ eventId, body, secrets, sentAtMs }: OutgoingWebhook): Record<string, string> {
  const sentAt = new Date(sentAtMs);
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Fairmeter-Webhooks',
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(sentAtMs / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, sentAt, body)).join(' '),
  };
}

function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function problemOf(error: unknown): WebhookProblem {
  const code = codeOf(error);
  if (code === 'NO_PUBLIC_ADDRESS') return 'no_public_address';
  if (code === 'ETIMEDOUT') return 'timed_out';
  if (/CERT|SIGNED|ALTNAME|UNABLE_TO_VERIFY/.test(code)) return 'certificate';
  return 'unreachable';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
