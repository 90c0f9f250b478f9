"""What goes wrong in BP2: δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.diagnosis.equations import Equation, Step, prime
from compare.diagnosis.mistake import mistake


@mistake(
    "BP2",
    name="σ′ left out of BP2",
    explanation="δ^l is (w^{l+1})ᵀ δ^{l+1} alone; it has to be multiplied by σ′(z^l), element by element.",
    hint="The error has arrived at a^l; which step of the chain rule leads on to z^l?",
)
def sigma_prime_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ δ^{l+1}."""
    return right(replace(s, primes={**s.primes, l: np.ones_like(s.primes[l])}), l)


@mistake(
    "BP2",
    name="a − y passed back in place of δ",
    explanation="What is passed back is (w^{l+1})ᵀ … (w^L)ᵀ ∂C/∂a, with no σ′ on its way; it has to be δ^{l+1}.",
    hint="The error of a layer goes through that layer's σ before it reaches the layer below: does yours?",
)
def error_passed_back(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ … (w^L)ᵀ ∂C/∂a ⊙ σ′(z^l)."""
    error = s.nabla_a
    for above in range(s.L, l, -1):
        error = error @ s.weights[above]
    return error * s.primes[l]


@mistake(
    "BP2",
    name="σ′ of a in place of z in BP2",
    explanation="δ^l is multiplied by σ′(a^l), of what σ has been applied to already; it has to be σ′(z^l).",
    hint="Your σ′ applies σ to what it is given: what is it given in the output layer, and what below?",
)
def sigma_prime_of_a(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(a^l)."""
    return right(replace(s, primes={**s.primes, l: prime(s.activations[l])}), l)


@mistake(
    "BP2",
    name="σ′ of the layer above in BP2",
    explanation="δ^l is multiplied by σ′(z^{l+1}); it has to be σ′(z^l), of the layer's own z.",
    hint="For each factor of BP2, write down the layer that it belongs to.",
)
def sigma_prime_of_the_layer_above(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^{l+1})."""
    return right(replace(s, primes={**s.primes, l: s.primes[l + 1]}), l)


@mistake(
    "BP2",
    name="σ′ of the layer above, before w, in BP2",
    explanation="δ^l is (w^{l+1})ᵀ (δ^{l+1} ⊙ σ′(z^{l+1})); it has to be ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l).",
    hint="In which order does the error pass the weights and the sigmoid on its way back?",
)
def sigma_prime_before_w(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ (δ^{l+1} ⊙ σ′(z^{l+1}))."""
    above = s.deltas[l + 1] * s.primes[l + 1]
    return sigma_prime_left_out(replace(s, deltas={**s.deltas, l + 1: above}), l, right)


@mistake(
    "BP2",
    name="σ′ of the layer below in BP2",
    explanation="δ^l is multiplied by a(1 − a) of the layer l − 1; it has to be that of layer l, which is σ′(z^l).",
    hint="Your list of activations begins with x; is the index of a layer the same there as in the list of z?",
)
def sigma_prime_of_the_layer_below(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ a^{l−1} (1 − a^{l−1})."""
    a = s.activations[l - 1]
    return right(replace(s, primes={**s.primes, l: a * (1 - a)}), l)


@mistake(
    "BP2",
    name="σ′ of the output layer in BP2",
    explanation="δ^l is multiplied by σ′(z^L), which was computed once; it has to be σ′(z^l), anew for each layer.",
    hint="Which of the factors of BP2 change from one layer to the next, and where does your loop renew them?",
)
def sigma_prime_of_the_output(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^L)."""
    return right(replace(s, primes={**s.primes, l: s.primes[s.L]}), l)


@mistake(
    "BP2",
    name="w not transposed in BP2",
    explanation="δ^l is w^{l+1} δ^{l+1} ⊙ σ′(z^l); it has to be the transposed matrix, (w^{l+1})ᵀ.",
    hint="On the way back, over which index of w_jk is the sum: that of the neuron above, or that of the one below?",
)
def weights_not_transposed(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = w^{l+1} δ^{l+1} ⊙ σ′(z^l)."""
    return right(replace(s, weights={**s.weights, l + 1: s.weights[l + 1].T}), l)


@mistake(
    "BP2",
    name="w of the wrong layer in BP2",
    explanation="δ^l is computed with w^l; it has to be w^{l+1}, which leads from layer l to the layer above.",
    hint="Which weights did a^l meet on the way forward?",
)
def weights_of_the_wrong_layer(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^l)ᵀ δ^{l+1} ⊙ σ′(z^l)."""
    return right(replace(s, weights={**s.weights, l + 1: s.weights[l]}), l)


@mistake(
    "BP2",
    name="wrong sign in BP2",
    explanation="δ^l is −(w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l); there is no minus sign in BP2.",
    hint="Every factor of BP2 is a derivative of the chain rule: which of them brings in a minus sign?",
)
def wrong_sign(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = −(w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l)."""
    return -right(s, l)


@mistake(
    "BP2",
    name="δ of the output layer in BP2",
    explanation="δ^l is computed from δ^L in every layer; it has to be from δ^{l+1}, of the layer just above.",
    hint="Follow the variable that holds the error through two turns of your loop.",
)
def delta_of_the_output(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1})ᵀ δ^L ⊙ σ′(z^l)."""
    return right(replace(s, deltas={**s.deltas, l + 1: s.deltas[s.L]}), l)


@mistake(
    "BP2",
    name="w already updated in BP2",
    explanation="δ^l is computed with w^{l+1} after its SGD step; it has to be the w^{l+1} of the way forward.",
    hint="When does each layer change its weights, and who reads them after that?",
)
def weights_already_updated(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = (w^{l+1} − η∇w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l)."""
    updated = s.weights[l + 1] - s.eta * s.nabla_w[l + 1]
    return right(replace(s, weights={**s.weights, l + 1: updated}), l)


@mistake(
    "BP2",
    name="only the last layer trained",
    explanation="δ is 0 in every layer but the last; it has to be carried back by BP2 to all of them.",
    hint="How often does your loop over the layers run?",
)
def only_the_last_layer(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^l = 0."""
    return np.zeros_like(s.zs[l])


@mistake(
    "BP2",
    name="first layer not trained",
    explanation="δ^1 is 0; the loop has to go on to layer 1, whose weights are those of the input.",
    hint="At which layer does your loop end?",
)
def first_layer_left_out(s: Step, l: int, right: Equation) -> np.ndarray:
    """δ^1 = 0."""
    return np.zeros_like(s.zs[l]) if l == 1 else right(s, l)
