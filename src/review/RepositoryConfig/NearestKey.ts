/** Finds the key that somebody probably meant. */
import { Option } from "effect"

/** How many letters have to be added, left out or changed to make one word of the other. */
const distance = (from: string, to: string): number => {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from.charAt(row - 1) === to.charAt(column - 1) ? 0 : 1
      current.push(
        Math.min(
          (current[column - 1] ?? 0) + 1,
          (previous[column] ?? 0) + 1,
          (previous[column - 1] ?? 0) + same
        )
      )
    }
    previous = current
  }
  return previous[to.length] ?? 0
}

const plain = (key: string): string => key.toLowerCase().replace(/[-_ ]/g, "")

/** The known key that differs from the given one in at most a third of its letters. */
export const nearestKey = (key: string, known: ReadonlyArray<string>): Option.Option<string> => {
  if (key.length > 40) return Option.none()
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: distance(plain(key), plain(candidate)) }))
    .sort((one, other) => one.distance - other.distance)
  return nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.candidate.length / 3))
    ? Option.some(nearest.candidate)
    : Option.none()
}
