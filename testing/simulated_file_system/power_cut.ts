import type { SeededRandom } from "../seeded_random.ts";
import type { DirectoryTree } from "./directory_tree.ts";
import type { ByteRange, ChangeSurvival, FileChange, FileContent } from "./file_content.ts";

/** The grain at which a write is torn: bytes, sectors of 512 of them, or pages of 4,096. */
export type TearGrain = "byte" | "sector" | "page";

/**
 * What a power cut does to changes that were not durable.
 *
 * - `none`: all of them survive, as when the system had just written them by itself.
 * - `all`: none survives.
 * - `suffix`: they are lost from some point on, and the first that is lost may be torn.
 * - `any`: each survives or not, whatever becomes of the others, names included,
 *   and of a write some pieces may: a disk that writes in what order it likes.
 */
export type PowerLoss = "none" | "all" | "suffix" | "any";

/** How a power cut strikes. */
export interface PowerCutOptions {
  /** Default: `suffix`. */
  readonly loss?: PowerLoss;
  /** Default: `byte`. */
  readonly grain?: TearGrain;
}

const GRAIN_BYTES: Readonly<Record<TearGrain, number>> = { byte: 1, sector: 512, page: 4_096 };

/** Pieces that bytes come in where chance takes them apart. */
const PIECES_MAX = 16;

/** What a power cut took. */
export interface PowerCutLosses {
  /** Changes of files that were lost whole. */
  lostChanges: number;
  /** Writes of which a part survived. */
  tornWrites: number;
  /** Changes that survived one of the same file or directory that was lost before them. */
  reorderedChanges: number;
  /** Names that came or went in vain. */
  lostNames: number;
}

/** Decides, by chance, what of the changes that were not durable survives a power cut. */
export class PowerCut {
  readonly losses: PowerCutLosses = {
    lostChanges: 0,
    tornWrites: 0,
    reorderedChanges: 0,
    lostNames: 0,
  };
  readonly #random: SeededRandom;
  readonly #loss: PowerLoss;
  readonly #grainBytes: number;

  constructor(random: SeededRandom, { loss = "suffix", grain = "byte" }: PowerCutOptions = {}) {
    this.#random = random;
    this.#loss = loss;
    this.#grainBytes = GRAIN_BYTES[grain];
  }

  /** What is left of a tree of files. */
  strike(tree: DirectoryTree): DirectoryTree {
    return tree.afterPowerCut(
      (_directory, changes) => this.#survivingNames(changes),
      (content) => this.#survivingContent(content),
    );
  }

  /** Most file systems keep the order of names, so that some of the oldest changes survive. */
  #survivingNames(changes: number): number | readonly boolean[] {
    if (this.#loss === "any") {
      const survivors = Array.from({ length: changes }, () => this.#random.chance(0.5));
      this.losses.lostNames += survivors.filter((survives) => !survives).length;
      const firstLost = survivors.indexOf(false);
      this.losses.reorderedChanges += survivors.filter((survives, at) =>
        survives && firstLost !== -1 && at > firstLost
      ).length;
      return survivors;
    }
    const surviving = this.#countOf(changes);
    this.losses.lostNames += changes - surviving;
    return surviving;
  }

  #countOf(changes: number): number {
    switch (this.#loss) {
      case "none":
        return changes;
      case "all":
        return 0;
      default:
        // Often nothing survives: that is what a missing sync shows itself by.
        return this.#random.chance(0.5) ? 0 : this.#random.between(0, changes);
    }
  }

  #survivingContent(content: FileContent): FileContent {
    const { unsynced } = content;
    const survival = this.#survivalOf(unsynced);
    const firstLost = survival.findIndex((each) => each !== "whole");
    survival.forEach((each, at) => {
      this.losses.lostChanges += each === "lost" ? 1 : 0;
      this.losses.tornWrites += typeof each === "string" ? 0 : 1;
      this.losses.reorderedChanges += each !== "lost" && firstLost !== -1 && at > firstLost ? 1 : 0;
    });
    return content.afterPowerCut(survival);
  }

  #survivalOf(changes: readonly FileChange[]): ChangeSurvival[] {
    switch (this.#loss) {
      case "none":
        return changes.map(() => "whole");
      case "all":
        return changes.map(() => "lost");
      case "suffix":
        return this.#withoutSuffix(changes);
      case "any":
        return changes.map((change) => this.#anyOf(change));
    }
  }

  #withoutSuffix(changes: readonly FileChange[]): ChangeSurvival[] {
    const whole = this.#random.between(0, changes.length);
    return changes.map((change, at) => {
      if (at !== whole) {
        return at < whole ? "whole" : "lost";
      }
      const end = this.#random.chance(0.7) ? this.#prefixOf(change) : 0;
      return end === 0 ? "lost" : [{ start: 0, end }];
    });
  }

  #anyOf(change: FileChange): ChangeSurvival {
    const fate = this.#random.pick(["whole", "lost", "torn"] as const);
    if (fate !== "torn") {
      return fate;
    }
    const survivors = this.#piecesOf(change).filter(() => this.#random.chance(0.5));
    return survivors.length === 0 ? "lost" : survivors;
  }

  /** Where a write may be torn so that something survives, not all; 0 where it cannot. */
  #prefixOf(change: FileChange): number {
    const cuts = this.#grainsOf(change).slice(0, -1).map(({ end }) => end);
    return cuts.length === 0 ? 0 : this.#random.pick(cuts);
  }

  /** The write in pieces that survive each for itself. */
  #piecesOf(change: FileChange): ByteRange[] {
    const grains = this.#grainsOf(change);
    // Pieces of a byte each would leave nothing that looks like what was written.
    const perPiece = Math.ceil(grains.length / PIECES_MAX);
    return grains.filter((_, at) => at % perPiece === 0).map(({ start }, at) => ({
      start,
      end: grains[Math.min((at + 1) * perPiece, grains.length) - 1]?.end ?? start,
    }));
  }

  /** The write cut at the borders of the disk's own grains. */
  #grainsOf(change: FileChange): ByteRange[] {
    if (change.type !== "write") {
      return [];
    }
    const { bytes: { length }, offset } = change;
    const grains: ByteRange[] = [];
    for (let start = 0; start < length;) {
      const end = Math.min(length, start + this.#grainBytes - (offset + start) % this.#grainBytes);
      grains.push({ start, end });
      start = end;
    }
    return grains;
  }
}
