"""The same models in other libraries: do they agree, and how long do they take?

    python -m benchmarks.peers

`models` says each model once and runs it in restock; `stockpyl_adapter`, `supplynetpy_adapter`, `simoptlib_adapter`
and `dynaplex_adapter` say it in one peer each; `compare` judges and times; a peer that is not installed is listed so.
"""
