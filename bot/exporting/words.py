"""Words that decide how names and titles are read."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PARTICLES = _set(
    "af al ap av da dal dalla das de degli dei del della den der des di do dos du el ibn la las le los op st 't te"
    " ten ter tho van vom von y zu zum zur"
)
"""In small letters they begin a surname."""
CAPITALISED = _set(
    "Al Ben Da De De' Del Della Den Der Di Do Dos El La Le Ibn Las Los St St. Van Von"
)
"""Part of a surname too, when they stand right before its last word."""
CONJUNCTIONS = _set("y e i")
"""Between two surnames of one person."""
SUFFIXES = _set("jr sr ii iii iv")
GENERATIONS = _set("Filho Junior Júnior Neto Sobrinho")
"""Never a surname by themselves: Portuguese has them as its last word."""
AFTER_MIDDLE_VAN = _set("Dang Dinh Do Ho Hoang Le Luong Ngo Nguyen Pham Phan Tran Vu")
"""Vietnamese surnames: the "Van" before them is a given name."""

TEAM = _set(
    "team contributor contributors group groups collaboration collaborations consortium lab labs laboratory institute"
    " university research community initiative foundation project alliance collective association society network"
    " inc corp ltd gmbh deepmind openai nvidia author authors and &"
)
"""Words that no person is called; "and" joins several."""
TEAM_AS_WRITTEN = _set("AI LLM")

SMALL = _set(
    "a an and are as at be by can do does for from how if in into is it its not of on one or the their this to"
    " towards toward under up via we what when where which why will with without you your"
)
"""Nobody recognises a title by these."""
PROPER = _set(
    "African Arabic Bayes Bayesian Bellman Bernoulli Boltzmann Chinese Claude Dirichlet English Euclidean European"
    " Fourier French Gaussian Gaussians Gemini German Gibbs Hamiltonian Hessian Hilbert Hopfield Indian Indic Italian"
    " Jacobian Japanese Kalman Kolmogorov Korean Langevin Laplace Laplacian Lipschitz Llama Lyapunov Mamba Markov"
    " Mistral Monte Carlo Nash Newton Olympiad Pareto Poisson Python Riemannian Rubik Russian Schrödinger Shapley"
    " Shannon Spanish Stein Stiefel Turing Vietnamese Wasserstein Wikipedia"
)
"""Names that a title in title case does not tell from its other words."""

MATH_SYMBOLS = _set(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega times cdot cdots"
    " ldots dots pm mp ast star circ oplus otimes odot leq le geq ge neq ne approx equiv sim simeq propto ll gg to"
    " rightarrow leftarrow leftrightarrow Rightarrow Leftarrow mapsto in notin cup cap subset subseteq emptyset"
    " forall exists neg infty sum prod int partial nabla ell prime perp parallel mid log ln exp sin cos tan min max"
    " arg sup inf lim det dim Pr lceil rceil lfloor rfloor langle rangle quad"
)
"""Commands of TeX that stand alone in a formula."""
MATH_WRAPPERS = _set(
    "mathcal mathbb mathbf mathrm mathit mathsf mathtt mathfrak sqrt bar hat tilde vec dot overline underline"
    " widehat widetilde"
)
"""Commands that take one argument."""
