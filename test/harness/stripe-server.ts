// Test harness. A server that speaks the part of Stripe's protocol that is used, and signs its messages as Stripe does:
// form bodies in, JSON out, an idempotency key answered with what it made before.
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StripeSession {
  readonly id: string;
  readonly url: string;
  readonly amount: string;
  readonly purchaseId: string;
  readonly paymentIntent: string;
  status: 'open' | 'complete' | 'expired';
  paymentStatus: 'unpaid' | 'paid';
}

export class StripeServer {
  readonly secret = `whsec_${randomBytes(12).toString('hex')}`;
  readonly apiKey = `sk_test_${randomBytes(12).toString('hex')}`;
  readonly sessions = new Map<string, StripeSession>();
  /** Answers that never reach who asked; what they tell of is done all the same. */
  lostAnswers = 0;
  private readonly byKey = new Map<string, StripeSession>();

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void this.serve(request, response);
    });
  }

  static async start(): Promise<StripeServer> {
    const server = createServer();
    const stripe = new StripeServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return stripe;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  sessionOf(purchaseId: string): StripeSession {
    const found = [...this.sessions.values()].find((session) => session.purchaseId === purchaseId);
    if (found === undefined) throw new Error(`no checkout was opened for ${purchaseId}`);
    return found;
  }

  pay(purchaseId: string): StripeSession {
    const session = this.sessionOf(purchaseId);
    session.status = 'complete';
    session.paymentStatus = 'paid';
    return session;
  }

  /** A message as its endpoint gets it. */
  message(type: string, object: Readonly<Record<string, unknown>>, id = `evt_${randomBytes(8).toString('hex')}`) {
    const body = JSON.stringify({ id, object: 'event', api_version: '2026-01-01', created: 1, type, data: { object } });
    return { body, headers: this.signed(body) };
  }

  signed(body: string, at = Math.floor(Date.now() / 1_000)): Readonly<Record<string, string>> {
    const signature = createHmac('sha256', this.secret).update(`${at}.${body}`).digest('hex');
    return { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    if (request.headers.authorization !== `Bearer ${this.apiKey}`) return answer(response, 401, { error: {} });
    const path = request.url ?? '';
    const session =
      request.method === 'POST' && path === '/v1/checkout/sessions'
        ? this.open(new URLSearchParams(Buffer.concat(pieces).toString()), String(request.headers['idempotency-key']))
        : this.sessions.get(path.replace('/v1/checkout/sessions/', ''));
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      request.socket.destroy();
      return;
    }
    if (session === undefined) return answer(response, 404, { error: { message: 'No such checkout session' } });
    answer(response, 200, bodyOf(session));
  }

  private open(form: URLSearchParams, key: string): StripeSession {
    const before = this.byKey.get(key);
    if (before !== undefined) return before;
    const id = `cs_test_${randomBytes(8).toString('hex')}`;
    const session: StripeSession = {
      id,
      url: `https://checkout.stripe.test/${id}`,
      amount: `${form.get('line_items[0][price_data][unit_amount]')} ${form.get('line_items[0][price_data][currency]')}`,
      purchaseId: form.get('metadata[purchase_id]') ?? '',
      paymentIntent: `pi_${randomBytes(8).toString('hex')}`,
      status: 'open',
      paymentStatus: 'unpaid',
    };
    this.byKey.set(key, session);
    this.sessions.set(id, session);
    return session;
  }
}

export function bodyOf(session: StripeSession): Readonly<Record<string, unknown>> {
  const isPaid = session.paymentStatus === 'paid';
  return {
    id: session.id,
    object: 'checkout.session',
    status: session.status,
    payment_status: session.paymentStatus,
    payment_intent: isPaid ? session.paymentIntent : null,
    metadata: { purchase_id: session.purchaseId },
    url: session.status === 'open' ? session.url : null,
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
