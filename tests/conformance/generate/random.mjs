// Chance with a seed: the same seed makes the same requests, on every server and in every run.

/** A generator of 32-bit numbers (mulberry32) with the choices that the suites need. */
export class Random {
    /** `seed` is any text; `for` gives each suite a sequence of its own. */
    constructor(seed) {
        this.seed = String(seed);
        this.state = hash(this.seed);
    }

    /** Another sequence, told only by the seed and `name`: what one suite draws does not change the next. */
    for(name) {
        return new Random(`${this.seed}/${name}`);
    }

    /** A number from 0 up to, not including, 1. */
    unit() {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }

    /** A whole number from 0 up to, not including, `end`. */
    below(end) {
        return Math.floor(this.unit() * end);
    }

    /** A whole number from `low` to `high`, both included. */
    between(low, high) {
        return low + this.below(high - low + 1);
    }

    /** True with this probability. */
    chance(probability) {
        return this.unit() < probability;
    }

    pick(choices) {
        return choices[this.below(choices.length)];
    }

    /** One of `[weight, value]` pairs, the heavier the likelier. */
    weighted(pairs) {
        let at = this.unit() * pairs.reduce((sum, [weight]) => sum + weight, 0);
        for (const [weight, value] of pairs) {
            at -= weight;
            if (at < 0) return value;
        }
        return pairs.at(-1)[1];
    }

    shuffled(items) {
        const mixed = [...items];
        for (let at = mixed.length - 1; at > 0; at--) {
            const other = this.below(at + 1);
            [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
        }
        return mixed;
    }

    /** `count` different items, or all where there are fewer. */
    some(items, count) {
        return this.shuffled(items).slice(0, count);
    }

    /** `count` items, made one by one. */
    many(count, make) {
        return Array.from({ length: count }, (_, at) => make(at));
    }
}

function hash(text) {
    let value = 0x811c9dc5;
    for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
    return value | 0;
}
