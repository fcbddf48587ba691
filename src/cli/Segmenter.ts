/**
 * `Intl.Segmenter`, but made when a text needs it: that takes as long as loading a third of the program, and most texts
 * are plain. The build puts it in the place of the original, in libraries too.
 */
const { Segmenter: Original } = Intl

/** In these, every character is a grapheme. */
const plain = /^[ -~]*$/

export class Segmenter {
  readonly #make: () => Intl.Segmenter
  #made: Intl.Segmenter | undefined

  constructor(...options: ConstructorParameters<typeof Original>) {
    this.#make = () => new Original(...options)
  }

  segment(text: string): Iterable<{ readonly segment: string }> {
    if (plain.test(text)) return Array.from(text, (segment) => ({ segment }))
    this.#made ??= this.#make()
    return this.#made.segment(text)
  }
}
