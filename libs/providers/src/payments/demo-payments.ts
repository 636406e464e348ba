// Providers room. The built-in provider of the demo: everything is paid at once and no money moves.
import type { Checkout, CheckoutOrder, PaymentPort, SeenCheckout } from './payment-port.js';

const PREFIX = 'demo_';

export class DemoPayments implements PaymentPort {
  readonly provider = 'demo';

  async open({ purchaseId }: CheckoutOrder): Promise<Checkout> {
    const checkoutRef = `${PREFIX}${purchaseId}`;
    return { checkoutRef, url: null, seen: await this.look(checkoutRef) };
  }

  async look(checkoutRef: string): Promise<SeenCheckout> {
    if (!checkoutRef.startsWith(PREFIX)) return { state: 'closed' };
    return { state: 'paid', paymentRef: checkoutRef };
  }
}
