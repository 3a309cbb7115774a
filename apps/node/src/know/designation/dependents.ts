/**
 * How many sites stand downstream of a site. Counting stops at a limit, so that the work for all sites is bounded by
 * sites · limit · customers per site even where everything depends on everything.
 */

/** Supplies as two columns of equal length; sites are numbered from 0. */
export interface SupplyColumns {
  readonly sitesCount: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** A function that counts the distinct sites reachable from a site, without itself, at most `limit`. */
export function dependentsCounter({ sitesCount, from, to }: SupplyColumns): (site: number, limit: number) => number {
  const start = new Int32Array(sitesCount + 1);
  for (const site of from) start[site + 1]! += 1; // sites are below the count
  for (let site = 0; site < sitesCount; site++) start[site + 1]! += start[site]!; // as above
  const fill = start.slice();
  const customers = new Int32Array(from.length);
  for (let i = 0; i < from.length; i++) customers[fill[from[i]!]!++] = to[i]!; // the columns are of equal length

  const seenFor = new Int32Array(sitesCount).fill(-1);
  const queue = new Int32Array(sitesCount);
  let question = 0;
  return (site, limit) => {
    question += 1;
    seenFor[site] = question;
    queue[0] = site;
    let [head, tail] = [0, 1];
    while (head < tail && tail <= limit) {
      const at = queue[head++]!; // head is below tail
      for (let i = start[at]!; i < start[at + 1]! && tail <= limit; i++) {
        const customer = customers[i]!; // start[] bounds i
        if (seenFor[customer] === question) continue;
        seenFor[customer] = question;
        queue[tail++] = customer;
      }
    }
    return tail - 1;
  };
}
