/// A text of the project's own, for imports that are given none: prose, speech, letters, lists, numbers and code.
package struct BuiltInText: Sendable {
  /// As records name it.
  package let name: String
  package let text: String

  /// What calibration reads; some 1,500 tokens of a large vocabulary.
  package static let calibration = BuiltInText(name: "built-in calibration text", text: calibrationText)
  /// What an import is measured on; nothing of it stands in ``calibration``.
  package static let evaluation = BuiltInText(name: "built-in evaluation text", text: evaluationText)
}

private let calibrationText = """
  The ferry left the harbour a little after six, while the lamps along the quay were still burning. Nobody stood at the \
  rail except a man with a box of seedlings and a girl who counted the gulls. "Eleven," she said, "and one that does not \
  want to be counted." The man laughed and moved the box out of the spray. He had carried the plants across the island on \
  foot, because the bus did not run in winter, and he meant to bring every one of them home alive.

  Soil is not simply broken rock. It holds air, water, fungi, the remains of leaves, and more living cells in a spoonful \
  than there are people on the planet. A field that is ploughed each spring loses some of this structure; a field that \
  rests under clover gains it back. Farmers have known so for centuries, although the reasons were measured only in the \
  last hundred years, when chemistry and microscopes became cheap enough to leave the university.

  Q: How long does it take to boil an egg at high altitude?
  A: Longer than at the sea. Water boils at about 100 °C at sea level and near 90 °C at 3,000 metres, so a soft egg needs \
  six or seven minutes instead of four.
  Q: Does salt in the water help?
  A: Hardly. A spoonful raises the boiling point by less than half a degree.

  Dear Ms. Okafor,
  thank you for your letter of 14 March. We are sorry that the second parcel (order no. 20,417) arrived without the power \
  supply. A replacement was sent today and should reach you within three working days; you need not return anything. If \
  the lamp still flickers, please write to us again or call 0800 555 0199 between 9:00 and 17:30.
  Yours sincerely,
  T. Lindqvist

  def moving_average(values, width):
      \"\"\"Means of neighbouring values; the result is shorter by width - 1.\"\"\"
      if width < 1 or width > len(values):
          raise ValueError(f"width must be in 1..{len(values)}, not {width}")
      total = sum(values[:width])
      means = [total / width]
      for i in range(width, len(values)):
          total += values[i] - values[i - width]
          means.append(total / width)
      return means

  | Month    | Rain (mm) | Sunny days |
  |----------|-----------|------------|
  | January  | 61.2      | 9          |
  | February | 48.7      | 11         |
  | March    | 55.0      | 14         |

  1. Measure the room twice, and write both results down.
  2. Cut the longest boards first; what is left over serves for the short ones.
  3. Leave a gap of 8 mm at every wall, since wood grows in a damp summer.
  4. Sweep before you oil the floor. Dust stays for ever.

  The committee met on Tuesday and disagreed about almost everything. Two members wanted to repair the bridge at once, \
  whatever it cost; one would rather have waited for the river survey; the chair, who had built bridges herself, asked \
  quietly what load the old arches had been drawn for. No one knew. By the end of the evening they had agreed to find the \
  drawings, which lay, as it turned out, in a school cupboard underneath forty years of exercise books.

  In music, a fifth sounds stable because the two frequencies stand in the ratio 3 : 2. Twelve fifths in a row overshoot \
  seven octaves by a small amount, roughly 1.36 percent, and every way of tuning a keyboard is a decision about where to \
  hide that error. Equal temperament spreads it evenly, so that all keys are usable and none of them is quite pure.

  Der Winter kam früh in diesem Jahr. Auf den Feldern lag schon im November Schnee, und die Kinder zogen ihre Schlitten \
  bis zur alten Mühle. Le boulanger ouvrait sa porte à cinq heures; l'odeur du pain chaud descendait jusqu'à la rivière. \
  El tren de las ocho llegó con retraso, pero nadie protestó, porque la estación estaba llena de sol.

  SELECT city, COUNT(*) AS visits, AVG(minutes) FROM trips WHERE year >= 2019 AND minutes > 0 GROUP BY city ORDER BY visits \
  DESC LIMIT 10;

  {"id": 318, "name": "north gate", "open": false, "sensors": [{"kind": "temperature", "value": -4.5}, {"kind": "wind", \
  "value": 12}], "updated": "2021-11-30T06:45:12Z"}

  "You never told me that you could swim," said Amara.
  "You never asked," said the old man, wringing out his hat. "And I never fell into the water before you came along."
  They walked back through the reeds. Somewhere a heron complained. It was the third of June, the day on which the lock was \
  to be opened again, and from the village came the uneven sound of a brass band practising the same eight bars.

  To prove that there are infinitely many primes, suppose there were only finitely many, p1, p2, ..., pn. Multiply them all \
  and add one. The number that results leaves the remainder 1 when it is divided by any of them; hence its smallest divisor \
  greater than 1 is a prime that is not on the list. The list was therefore not complete, whatever it was.

  The heart of the machine is a drum with four thousand pins. As it turns, each pin lifts a lever, and each lever opens a \
  valve for exactly as long as the pin is wide. To change the tune, one changes the drum. The builder's notebook, which is \
  kept in the town museum, shows how he laid out the melody on paper first, one column for every sixteenth of a beat, much \
  as a programmer would do it today.

  Recipe for flat bread: 500 g flour, 300 ml lukewarm water, 7 g dry yeast, 1 tsp salt, 2 tbsp oil. Mix, knead for ten \
  minutes, and let the dough rest for an hour. Divide it into eight pieces, roll them thin, and bake each for two to three \
  minutes in a very hot pan until brown spots appear. Eat them warm!

  """

private let evaluationText = """
  When the clockmaker retired, she gave her tools to the library. It was an odd gift, the librarians thought, until the \
  first winter, when every radiator in the reading room began to tick out of time and an apprentice borrowed a screwdriver \
  the size of a needle. By spring there was a waiting list. People came for lathes, for loupes, for a brass instrument that \
  nobody could name, and most of them stayed to read while they waited.

  Glaciers move because ice under pressure flows. The middle of the tongue goes faster than its edges, and the surface \
  faster than the bed, so that a straight row of stakes becomes a bow within a single season. Where the ground falls away, \
  the ice cannot stretch any further and tears; the blue cracks may be thirty metres deep. Mountain guides test the snow \
  that bridges them with a long pole, and they do it every time, even on a path that they walked yesterday.

  "Is that the whole story?" asked the judge.
  "It is the part that I saw," the witness answered. "The dog barked twice, then somebody closed the window. I looked at my \
  watch because I had missed the last tram. Ten past one."

  import sys

  def main():
      counts = {}
      for line in sys.stdin:
          for word in line.lower().split():
              counts[word] = counts.get(word, 0) + 1
      for word, count in sorted(counts.items(), key=lambda item: -item[1])[:20]:
          print(f"{count:6d}  {word}")

  if __name__ == "__main__":
      main()

  Vaccines teach the immune system to recognise something before it does harm. Some contain a weakened germ, some only a \
  piece of its coat, and the newest merely the instructions for building such a piece. In all three cases, cells that fit \
  the intruder multiply, and a few of them remain for years. That is why a second dose works faster than the first.

  Minutes of the gardening club, 9 October. Present: 14 members. The apple press is broken again; Mr. Haas will ask what a \
  new spindle costs (the last one was 85 euros in 2016). The seed exchange moves to the first Saturday in February. Nobody \
  has seen the large ladder since August. The meeting closed at 20:40 with soup.

  A kilometre is a thousand metres, a mile about 1,609. To turn one into the other in your head, use neighbouring Fibonacci \
  numbers: 5 miles are about 8 kilometres, 8 miles about 13, and 13 miles about 21. The trick works because the ratio of \
  neighbours approaches 1.618, which happens to be close to the ratio of the two units.

  Am Ende des Gartens stand ein Kirschbaum, den niemand gepflanzt hatte. La vieille dame disait que les oiseaux l'avaient \
  apporté. Cada verano daba más fruta de la que los niños podían comer.

  The instructions were short. Turn the key to the left, wait until the green light goes out, and pull. If nothing happens, \
  do not pull harder. Someone has gone to the trouble of making this lock so that it opens easily or not at all, and of the \
  two keys on your ring only one was ever meant for it.

  """
