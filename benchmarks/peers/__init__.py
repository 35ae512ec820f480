"""The same models in other libraries: do they agree, and how long do they take?

    python -m benchmarks.peers

`models` lists the models (`stores`, `sscont`) and runs them in restock; `stockpyl_adapter`, `supplynetpy_adapter`,
`simoptlib_adapter` and `dynaplex_adapter` say them in one peer each; `compare` judges and times; `tables` prints. A
peer that is not installed is listed so.
"""
