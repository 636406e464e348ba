// Providers room. What Stripe tells by webhook, once its signature fits: the few events that say what became of a
// payment. Everything else is none of ours.
import type { PaymentEventNews, PaymentNews } from '@fairmeter/domain';
import Stripe from 'stripe';
import type { NamedPayment } from './stripe-metadata.js';
import { CHARGED_AGAIN, namedIn } from './stripe-metadata.js';
import { hasFailed } from './stripe-payments.js';

export interface HeardEvent extends NamedPayment {
  readonly eventId: string;
  readonly news: PaymentEventNews;
  readonly paymentRef?: string;
  readonly disputeRef?: string;
  readonly refundRef?: string;
  /** When it happened, in milliseconds. */
  readonly at: number;
}

type Heard = Omit<HeardEvent, 'eventId' | 'at'>;

/** How old a signed message may be: as long as Stripe's own libraries take it. */
const SIGNED_WITHIN_SECONDS = 300;

export class StripeEvents {
  constructor(private readonly secret: string) {}

  /** Undefined where the signature does not fit, null where the event means nothing here. */
  read(body: Buffer, signature: string): HeardEvent | null | undefined {
    let event: Stripe.Event;
    try {
      event = Stripe.webhooks.constructEvent(body, signature, this.secret, SIGNED_WITHIN_SECONDS);
    } catch {
      return undefined;
    }
    const heard = newsOf(event);
    return heard === null ? null : { eventId: event.id, at: event.created * 1_000, ...heard };
  }
}

function newsOf(event: Stripe.Event): Heard | null {
  if (event.type === 'checkout.session.completed' || event.type === 'checkout.session.async_payment_succeeded') {
    const { object } = event.data;
    // A session is also completed where the money is still on its way.
    return object.payment_status === 'paid' ? { news: 'paid', ...meant(object) } : null;
  }
  if (event.type === 'checkout.session.async_payment_failed' || event.type === 'checkout.session.expired') {
    return unlessPurchase(meant(event.data.object));
  }
  if (event.type === 'payment_intent.succeeded') return ofCharge('paid', event.data.object);
  if (event.type === 'payment_intent.payment_failed' || event.type === 'payment_intent.canceled') {
    return ofCharge('failed', event.data.object);
  }
  if (event.type === 'charge.refunded') {
    const { object } = event.data;
    // Part of the money back is a matter for people: the credits stay as they are.
    return object.refunded ? { news: 'reversed', ...meant(object) } : null;
  }
  if (isOfRefund(event)) {
    const { object } = event.data;
    return hasFailed(object) ? { news: 'refund_failed', refundRef: object.id, ...meant(object) } : null;
  }
  if (event.type === 'charge.dispute.created') {
    const { object } = event.data;
    // An inquiry moves no money: credits go with the money, and come back with it.
    return object.status.startsWith('warning_') ? null : ofDispute('disputed', object);
  }
  return event.type === 'charge.dispute.closed' ? ofClosedDispute(event.data.object) : null;
}

type RefundEvent = Extract<Stripe.Event, { type: 'refund.failed' | 'refund.updated' | 'charge.refund.updated' }>;

/** One that fails is told of by several of these: by its name it is one. */
function isOfRefund(event: Stripe.Event): event is RefundEvent {
  return ['refund.failed', 'refund.updated', 'charge.refund.updated'].includes(event.type);
}

/** A purchase that nobody paid stays as it was ordered; a subscription is told, and goes on without it. */
function unlessPurchase(named: Omit<Heard, 'news'>): Heard | null {
  return named.subscriptionPaymentId === undefined ? null : { news: 'failed', ...named };
}

/** Of a payment on a page its checkout tells. */
function ofCharge(news: 'paid' | 'failed', { id, metadata }: Stripe.PaymentIntent): Heard | null {
  return metadata[CHARGED_AGAIN] === undefined ? null : { news, paymentRef: id, ...namedIn(metadata) };
}

function ofClosedDispute(dispute: Stripe.Dispute): Heard | null {
  const { status } = dispute;
  // Whatever ends without the money going leaves it where it was: an inquiry too that had become a dispute.
  if (status === 'won' || status === 'warning_closed' || status === 'prevented')
    return ofDispute('dispute_won', dispute);
  return status === 'lost' ? { news: 'reversed', disputeRef: dispute.id, ...meant(dispute) } : null;
}

function ofDispute(news: Extract<PaymentNews, 'disputed' | 'dispute_won'>, dispute: Stripe.Dispute): Heard {
  return { news, disputeRef: dispute.id, ...meant(dispute) };
}

interface Payment {
  readonly metadata: Stripe.Metadata | null;
  readonly payment_intent: string | { readonly id: string } | null;
}

function meant({ metadata, payment_intent: intent }: Payment): Omit<Heard, 'news'> {
  const paymentRef = typeof intent === 'string' ? intent : intent?.id;
  return { ...namedIn(metadata), ...(paymentRef === undefined ? {} : { paymentRef }) };
}
