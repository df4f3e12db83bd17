"""What is compared: each case names a suite of quantbench, a shape and how it is run."""

from dataclasses import asdict, dataclass

from shapes import LLAMAS, VITS


@dataclass(frozen=True)
class Case:
    suite: str
    shape: str
    recipe: str
    threads: int
    # Images or sequences at a time.
    batch: int = 1
    # Tokens in the cache before a step; for prefill the tokens of the prompt.
    context: int = 0

    @property
    def name(self) -> str:
        """The name of this case in quantbench's report."""
        model = f"{self.shape} {self.recipe}"
        match self.suite:
            case "vit":
                return f"{model} batch {self.batch}"
            case "prefill":
                return f"{model} prefill {self.context}"
            case "batch":
                return f"{model} x{self.batch} at {self.context}"
            case _:
                return f"{model} at {self.context}"

    @property
    def unit(self) -> str:
        return "images/s" if self.suite == "vit" else "tokens/s"

    def arguments(self) -> dict:
        return asdict(self)


def all_cases(thread_counts: list[int]) -> list[Case]:
    cases = []
    for threads in thread_counts:
        for shape in VITS:
            cases += [Case("vit", shape, "w8a8", threads, batch=batch) for batch in (1, 8)]
        for shape in LLAMAS:
            for recipe in ("w8a8", "w4a8"):
                cases.append(Case("prefill", shape, recipe, threads, context=512))
                contexts = (128, 4_096, 16_384) if shape == "smollm-135m" else (128, 4_096)
                cases += [Case("decode", shape, recipe, threads, context=context) for context in contexts]
                cases.append(Case("batch", shape, recipe, threads, batch=16, context=128))
    # stories15m's synthetic pack ends at 2,048 tokens.
    return [case for case in cases if not (case.shape == "stories15m" and case.context > 2_000)]
