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
  /** Of the purchase, or of a subscription's payment: as its metadata names it. */
  readonly purchaseId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly paymentIntent: string;
  /** Whether what it is paid with is kept for later. */
  readonly keepsMethod: boolean;
  status: 'open' | 'complete' | 'expired';
  paymentStatus: 'unpaid' | 'paid';
}

/** A payment as Stripe has it: on a page, or charged again with nobody there. */
export interface StripeIntent {
  readonly id: string;
  readonly amount: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly customer: string | null;
  readonly method: string | null;
  status: 'succeeded' | 'processing' | 'requires_payment_method';
}

/** A refund as Stripe has it: a bank debit's takes days, and may fail in the end. */
export interface StripeRefund {
  readonly id: string;
  readonly object: 'refund';
  readonly payment_intent: string;
  readonly metadata: Readonly<Record<string, string>>;
  status: 'succeeded' | 'pending' | 'failed' | 'canceled';
}

/** Status and body. */
type Spoken = readonly [number, unknown];

const NO_SESSION: Spoken = [404, { error: { type: 'invalid_request_error', message: 'No such checkout session' } }];
const NO_INTENT: Spoken = [404, { error: { type: 'invalid_request_error', message: 'No such payment intent' } }];
const CHARGES = '/v1/payment_intents';
const REFUNDS = '/v1/refunds';
const LEAST_AMOUNT = 50n;

function refusal(message: string, code?: string): Spoken {
  return [400, { error: { type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) } }];
}

export class StripeServer {
  readonly secret = `whsec_${randomBytes(12).toString('hex')}`;
  readonly apiKey = `sk_test_${randomBytes(12).toString('hex')}`;
  readonly sessions = new Map<string, StripeSession>();
  readonly intents = new Map<string, StripeIntent>();
  /** How charges with nobody there go from now on. */
  charging: StripeIntent['status'] = 'succeeded';
  /** Answers that never reach who asked; what they tell of is done all the same. */
  lostAnswers = 0;
  /** The same, of charges alone. */
  lostCharges = 0;
  /** Payments that went back, each once. */
  readonly refunds: string[] = [];
  /** How refunds begin from now on. */
  refunding: StripeRefund['status'] = 'succeeded';
  /** Payments that the bank has taken back itself: Stripe sends none of these back. */
  readonly disputed = new Set<string>();
  private readonly byKey = new Map<string, StripeSession>();
  private readonly chargesByKey = new Map<string, Spoken>();
  private readonly refundsByKey = new Map<string, StripeRefund>();

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
    const found = [...this.sessions.values()].findLast((session) => session.purchaseId === purchaseId);
    if (found === undefined) throw new Error(`no checkout was opened for ${purchaseId}`);
    return found;
  }

  pay(purchaseId: string): StripeSession {
    const session = this.sessionOf(purchaseId);
    session.status = 'complete';
    session.paymentStatus = 'paid';
    const { paymentIntent: id, amount, metadata, keepsMethod } = session;
    const kept = { customer: keepsMethod ? `cus_${id}` : null, method: `pm_${id}` };
    this.intents.set(id, { id, amount, metadata, ...kept, status: 'succeeded' });
    return session;
  }

  /** By a debit that takes days: the page is done with, and the money is on its way. */
  payLater(purchaseId: string): StripeSession {
    const session = this.pay(purchaseId);
    session.paymentStatus = 'unpaid';
    this.comesTo(session, 'processing');
    return session;
  }

  comesTo({ paymentIntent: id }: StripeSession, status: StripeIntent['status']): void {
    const intent = this.intents.get(id);
    if (intent === undefined) throw new Error(`nobody has paid ${id}`);
    intent.status = status;
  }

  /** The bank would not take the money after all: the refund of a payment that was under way, as it is told of. */
  refundFails(payment: string, status: 'failed' | 'canceled' = 'failed'): StripeRefund {
    const refund = [...this.refundsByKey.values()].findLast((one) => one.payment_intent === payment);
    if (refund === undefined) throw new Error(`nothing of ${payment} goes back`);
    refund.status = status;
    this.refunds.splice(this.refunds.indexOf(payment), 1);
    return refund;
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
    const form = new URLSearchParams(Buffer.concat(pieces).toString());
    const [status, body] =
      request.method === 'POST' ? this.done(path, form, String(request.headers['idempotency-key'])) : this.seen(path);
    if (path === CHARGES && request.method === 'POST' && this.lostCharges > 0) {
      this.lostCharges -= 1;
      this.lostAnswers += 1;
    }
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      request.socket.destroy();
      return;
    }
    answer(response, status, body);
  }

  private done(path: string, form: URLSearchParams, key: string): Spoken {
    if (path === '/v1/checkout/sessions') return this.openSpoken(form, key);
    if (path === CHARGES) return this.chargeOnce(form, key);
    if (path === REFUNDS) return this.sendBack(form, key);
    const session = this.sessions.get(path.split('/').at(-2) ?? '');
    if (session === undefined || !path.endsWith('/expire')) return NO_SESSION;
    if (session.status !== 'open') return refusal('Only Checkout Sessions with a status of open can be expired.');
    session.status = 'expired';
    return [200, bodyOf(session)];
  }

  private seen(path: string): Spoken {
    if (path.startsWith(REFUNDS)) return this.listRefunds(new URLSearchParams(path.split('?')[1]));
    const id = path.split('/').at(-1) ?? '';
    if (path.startsWith(CHARGES)) {
      const intent = this.intents.get(id);
      return intent === undefined ? NO_INTENT : [200, intentBody(intent)];
    }
    const session = this.sessions.get(id);
    return session === undefined ? NO_SESSION : [200, bodyOf(session)];
  }

  /** What was answered to a key is answered again, a decline as well. */
  private chargeOnce(form: URLSearchParams, key: string): Spoken {
    const answer = this.chargesByKey.get(key) ?? this.charge(form);
    this.chargesByKey.set(key, answer);
    return answer;
  }

  private charge(form: URLSearchParams): Spoken {
    if (form.get('off_session') !== 'true' || form.get('confirm') !== 'true') return refusal('Nobody is there.');
    const [customer, method] = [form.get('customer'), form.get('payment_method')];
    if (customer === null || method === null) return refusal('Nothing to charge.');
    const intent: StripeIntent = {
      id: `pi_${randomBytes(8).toString('hex')}`,
      amount: `${form.get('amount')} ${form.get('currency')}`,
      metadata: metadataIn(form),
      customer,
      method,
      status: this.charging,
    };
    this.intents.set(intent.id, intent);
    if (intent.status !== 'requires_payment_method') return [200, intentBody(intent)];
    const error = { type: 'card_error', code: 'card_declined', payment_intent: intentBody(intent) };
    return [402, { error: { ...error, message: 'Your card was declined.' } }];
  }

  private openSpoken(form: URLSearchParams, key: string): Spoken {
    const amount = BigInt(form.get('line_items[0][price_data][unit_amount]') ?? '0');
    if (amount < LEAST_AMOUNT) return refusal('The total must be at least 0.50.', 'amount_too_small');
    return [200, bodyOf(this.open(form, key))];
  }

  /** What was answered to a key is answered again, whatever became of it meanwhile. */
  private sendBack(form: URLSearchParams, key: string): Spoken {
    const payment = form.get('payment_intent') ?? '';
    if (this.disputed.has(payment)) return refusal('The charge has been charged back.', 'charge_disputed');
    const before = this.refundsByKey.get(key);
    if (before !== undefined) return [200, before];
    if (this.refunds.includes(payment)) return refusal('Already refunded.', 'charge_already_refunded');
    const id = `re_${randomBytes(8).toString('hex')}`;
    const what = { payment_intent: payment, metadata: metadataIn(form) };
    const refund: StripeRefund = { id, object: 'refund', ...what, status: this.refunding };
    this.refundsByKey.set(key, refund);
    this.refunds.push(payment);
    return [200, refund];
  }

  private listRefunds(query: URLSearchParams): Spoken {
    const of = [...this.refundsByKey.values()].filter((one) => one.payment_intent === query.get('payment_intent'));
    return [200, { object: 'list', url: REFUNDS, has_more: false, data: of.reverse() }];
  }

  private open(form: URLSearchParams, key: string): StripeSession {
    const before = this.byKey.get(key);
    if (before !== undefined) return before;
    const id = `cs_test_${randomBytes(8).toString('hex')}`;
    const session: StripeSession = {
      id,
      url: `https://checkout.stripe.test/${id}`,
      amount: ['unit_amount', 'currency'].map((name) => form.get(`line_items[0][price_data][${name}]`)).join(' '),
      purchaseId: form.get('client_reference_id') ?? '',
      metadata: metadataIn(form),
      keepsMethod:
        form.get('payment_intent_data[setup_future_usage]') === 'off_session' &&
        form.get('customer_creation') === 'always',
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
  const isDone = session.status === 'complete';
  return {
    id: session.id,
    object: 'checkout.session',
    status: session.status,
    payment_status: session.paymentStatus,
    payment_intent: isDone ? session.paymentIntent : null,
    metadata: session.metadata,
    url: session.status === 'open' ? session.url : null,
  };
}

export function intentBody({ method, ...intent }: StripeIntent): Readonly<Record<string, unknown>> {
  return { ...intent, object: 'payment_intent', payment_method: method };
}

function metadataIn(form: URLSearchParams): Readonly<Record<string, string>> {
  const named = [...form].map(([name, value]) => [/^metadata\[(\w+)\]$/.exec(name)?.[1], value] as const);
  return Object.fromEntries(named.flatMap(([name, value]) => (name === undefined ? [] : [[name, value]])));
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
