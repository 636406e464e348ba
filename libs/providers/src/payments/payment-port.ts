// Providers room. The way to whoever takes the money: a checkout is opened and looked at; everything else is heard of.

export interface CheckoutOrder {
  readonly purchaseId: string;
  /** What the buyer is shown. */
  readonly title: string;
  readonly priceMinor: bigint;
  /** ISO 4217, lower case. */
  readonly currency: string;
}

export interface Checkout {
  readonly checkoutRef: string;
  /** Where the buyer pays; null where nothing is left to do. */
  readonly url: string | null;
  readonly seen: SeenCheckout;
}

export interface SeenCheckout {
  readonly state: 'open' | 'paid' | 'closed';
  /** Under which later news of this payment comes. */
  readonly paymentRef?: string;
}

export interface PaymentPort {
  readonly provider: string;
  /** Asked again for the same purchase it answers with the same checkout. */
  open(order: CheckoutOrder): Promise<Checkout>;
  look(checkoutRef: string): Promise<SeenCheckout>;
}
