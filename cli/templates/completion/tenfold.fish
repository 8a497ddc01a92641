# fish completion for tenfold. Load it with: tenfold completion fish | source
function __tenfold_completion
    set -l words (commandline -opc) (commandline -ct)
    for line in (tenfold __complete -- $words[2..] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':folders'
                __fish_complete_directories (commandline -ct)
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c tenfold -f -a '(__tenfold_completion)'
