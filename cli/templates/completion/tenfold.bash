# bash completion for tenfold. Load it with: source <(tenfold completion bash)
_tenfold_completion() {
  local current=${COMP_WORDS[COMP_CWORD]} line kind=none
  local -a values=()
  [[ $current == '=' ]] && current=''
  while IFS= read -r line; do
    case $line in
      :*) kind=${line#:} ;;
      *) values+=("${line%%$'\t'*}") ;;
    esac
  done < <(tenfold __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=("${values[@]}")
  case $kind in
    files)
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
      ;;
    folders)
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current")
      ;;
  esac
}
complete -F _tenfold_completion tenfold
