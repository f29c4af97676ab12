// News grouped by story, and its times.

import type { Schemas } from "../api/client";

type Item = Pick<Schemas["NewsItem"], "id" | "story_id">;

export interface StoryGroup<News extends Item> {
  head: News;
  items: News[];
}

/** Groups items (newest first) by story and keeps their order; the head is the oldest item, which the others repeat. */
export function byStory<News extends Item>(items: readonly News[]): StoryGroup<News>[] {
  const groups = new Map<string, StoryGroup<News>>();
  for (const item of items) {
    const key = item.story_id === null ? `n${item.id}` : `s${item.story_id}`;
    const known = groups.get(key);
    if (known) {
      known.items.push(item);
      known.head = item;
    } else groups.set(key, { head: item, items: [item] });
  }
  return [...groups.values()];
}

/** How many of `items` (newest first) came after the item `seenId`. */
export function countNewer(items: readonly Item[], seenId: number | null): number {
  if (seenId === null) return 0;
  const position = items.findIndex((item) => item.id === seenId);
  return position < 0 ? items.length : position;
}

export type Timed = Pick<Schemas["NewsItem"], "published_at" | "published_precision" | "known_at">;

const LATE_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Publication of an item, and the moment azak saw it where that is over an hour after the time or day it names. */
export function timesOf({ published_at: published, published_precision: precision, known_at }: Timed) {
  const isDay = precision === "day";
  const from_ms = published === null ? -Infinity : Date.parse(published) + (isDay ? DAY_MS : 0);
  return { published, isDay, seen: Date.parse(known_at) - from_ms > LATE_MS ? known_at : null };
}
