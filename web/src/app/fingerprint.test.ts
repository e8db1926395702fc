import { describe, expect, it } from 'vitest';
import { fingerprint, samples } from './fingerprint';
import { md5 } from './md5';

/** Lengths around the edges of a block, and what md5sum says of `(index * 31 + 7) % 256`. */
const DIGESTS: [number, string][] = [
  [0, 'd41d8cd98f00b204e9800998ecf8427e'],
  [1, '89e74e640b8c46257a29de0616794d5d'],
  [3, '3b704fb2660febf62921a0caaa8de56b'],
  [55, 'c9e512626618c9980ef21a96597af94c'],
  [56, 'ecde7caa08e9f5657c863df107cac60a'],
  [57, 'b17b1a018dd6a4d1edda8aca15f17846'],
  [63, '2f0301069e1c40af7f6c8f843b1b13f2'],
  [64, 'b6bf87c24b1bc334e2541387a92b981b'],
  [65, 'f168246f08b6134d66bd2a10343fa9f1'],
  [119, 'd5dc3d8264de3aa24dee105910ee27fe'],
  [120, 'bcc139b3848923904860d1eefd6e5923'],
  [1000, '2b1e78d5765de9e10495a01412a1cf22'],
  [70000, '108bb843b8c91d35f8112a02fdc6c77f'],
];

describe('md5', () => {
  it.each(DIGESTS)('of %i bytes is right', (length, digest) => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + 7) % 256);
    expect(md5(bytes)).toBe(digest);
  });
});

describe('the fingerprint', () => {
  it('is the one that the server computes', async () => {
    expect(await fingerprint(new Blob([]))).toBe('7dea362b3fac8e00956a4952a3d4f474');
    expect(await fingerprint(new Blob(['abc']))).toBe('0a0bf3f811f4e233ee4b1427c8ecf6d6');
    const zeros = new Blob([new Uint8Array(1024 * 1024)]);
    expect(await fingerprint(zeros)).toBe('675cd85c7efc03438d8d25a57416e9ef');
  });

  it('looks where it is documented to look', () => {
    const w = 65_536;
    expect(samples(4 * w - 1)).toEqual([[0, 4 * w - 1]]);
    expect(samples(4 * w).map(([start]) => start)).toEqual([0, 87_381, 174_762, 3 * w]);
    expect(samples(1_000_000).map(([start]) => start)).toEqual([0, 333_333, 666_666, 934_464]);
  });
});
