import type { Push } from './frames';
import type { Socket } from './connection';

/** A socket that a test speaks through. */
export class FakeSocket implements Socket {
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly sent: { id: number; op: string; [field: string]: unknown }[] = [];
  readonly readyState = 1;
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  says(...values: unknown[]): void {
    this.onmessage?.({ data: values.map((value) => JSON.stringify(value)).join('\n') });
  }

  hello(more: Partial<Extract<Push, { ev: 'hello' }>> = {}): void {
    const hello = { ev: 'hello', protocol: 1, rooms: [], friends: [], incoming: [], unread_notices: 0 };
    this.says({ ...hello, ...more });
  }

  /** Answers the latest request of a kind. */
  answers(op: string, ok: unknown): void {
    const request = this.sent.findLast((one) => one.op === op);
    if (!request) throw new Error(`Nobody asked for ${op}.`);
    this.says({ re: request.id, ok });
  }

  breaks(code = 1006): void {
    this.onclose?.({ code });
  }
}
