import type { SeededRandom } from "../seeded_random.ts";
import type { DirectoryTree } from "./directory_tree.ts";
import type { FileContent, Survival } from "./file_content.ts";

/** The grain at which a write is torn: bytes, or sectors of 512 of them. */
export type TearGrain = "byte" | "sector";

const SECTOR_BYTES = 512;

/** What a power cut took. */
export interface PowerCutLosses {
  /** Changes of files that were lost whole. */
  lostChanges: number;
  /** Writes of which a part survived. */
  tornWrites: number;
  /** Names that came or went in vain. */
  lostNames: number;
}

/** Decides, by chance, what of the changes that were not durable survives a power cut. */
export class PowerCut {
  readonly losses: PowerCutLosses = { lostChanges: 0, tornWrites: 0, lostNames: 0 };
  readonly #random: SeededRandom;
  readonly #grain: TearGrain;

  constructor(random: SeededRandom, grain: TearGrain) {
    this.#random = random;
    this.#grain = grain;
  }

  /** What is left of a tree of files. */
  strike(tree: DirectoryTree): DirectoryTree {
    return tree.afterPowerCut(
      (_directory, changes) => this.#survivingNames(changes),
      (content) => this.#survivingContent(content),
    );
  }

  #survivingNames(changes: number): number {
    // Often nothing survives: that is what a missing sync shows itself by.
    const surviving = this.#random.chance(0.5) ? 0 : this.#random.between(0, changes);
    this.losses.lostNames += changes - surviving;
    return surviving;
  }

  #survivingContent(content: FileContent): FileContent {
    const { unsynced } = content;
    const whole = this.#random.between(0, unsynced.length);
    const next = unsynced[whole] ?? 0;
    const tornBytes = next > 1 && this.#random.chance(0.7) ? this.#tornBytes(next) : 0;
    this.losses.tornWrites += tornBytes > 0 ? 1 : 0;
    this.losses.lostChanges += unsynced.length - whole - (tornBytes > 0 ? 1 : 0);
    const survival: Survival = { whole, tornBytes };
    return content.afterPowerCut(survival);
  }

  /** At least something, not all. */
  #tornBytes(length: number): number {
    if (this.#grain === "byte") {
      return this.#random.between(1, length - 1);
    }
    const sectors = Math.floor((length - 1) / SECTOR_BYTES);
    return SECTOR_BYTES * this.#random.between(0, sectors);
  }
}
