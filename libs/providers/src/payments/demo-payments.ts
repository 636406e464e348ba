// Providers room. The built-in provider of the demo: everything is paid at once and no money moves.
import type { Checkout, CheckoutOrder, PaymentOrder, PaymentPort, SeenPayment, SentBack } from './payment-port.js';

const PAID = 'demo_';
const DECLINED = 'declined_';

export class DemoPayments implements PaymentPort {
  readonly provider = 'demo';

  /** `declines`: for whoever wants to see what becomes of a payment that fails. */
  constructor(private readonly declines: (order: PaymentOrder) => boolean = () => false) {}

  async open(order: CheckoutOrder): Promise<Checkout> {
    const checkoutRef = this.refOf(order, order.page);
    return { checkoutRef, url: null, seen: await this.look(checkoutRef) };
  }

  async look(checkoutRef: string): Promise<SeenPayment> {
    return checkoutRef.startsWith(PAID) ? { state: 'paid', paymentRef: checkoutRef } : { state: 'closed' };
  }

  async close(checkoutRef: string): Promise<SeenPayment> {
    return this.look(checkoutRef);
  }

  async chargeAgain(order: PaymentOrder): Promise<SeenPayment> {
    return this.look(this.refOf(order, 1));
  }

  async lookAtCharge(paymentRef: string): Promise<SeenPayment> {
    return this.look(paymentRef);
  }

  async payBack(): Promise<SentBack> {
    return {};
  }

  private refOf(order: PaymentOrder, page: number): string {
    const id = page === 1 ? order.of.id : `${order.of.id}_${page}`;
    return `${this.declines(order) ? DECLINED : PAID}${id}`;
  }
}
